/** The project of the fake `offhook dev`. */
import type { Project, Simulation } from "../src/api.ts";

export function sampleProject(url: string): Project {
  const fn = (path: string, visibility: "public" | "protected" = "public"): Project["functions"][number] => ({
    path,
    name: path.slice(1),
    visibility,
    file: `functions${path}${visibility === "protected" ? ".protected" : ""}.js`,
  });
  return {
    id: "ZS00000000000000000000000000000001",
    version: "0.1.0",
    name: "pizza-hotline",
    url,
    functions: [
      fn("/sms"),
      fn("/voice"),
      fn("/voice/menu"),
      fn("/orders"),
      fn("/status", "protected"),
      fn("/flex/profile", "protected"),
      fn("/broken"),
      { name: "prices", visibility: "private", file: "functions/prices.private.js" },
    ],
    assets: [
      { path: "/index.html", name: "index.html", visibility: "public", file: "assets/index.html", bytes: 4211 },
      { path: "/logo.svg", name: "logo.svg", visibility: "public", file: "assets/logo.svg", bytes: 1893 },
      { name: "menu.json", visibility: "private", file: "assets/menu.private.json", bytes: 902 },
    ],
    variables: [
      { name: "ACCOUNT_SID", hint: "AC…, 34 characters" },
      { name: "AUTH_TOKEN", hint: "32 characters" },
      { name: "KITCHEN_NUMBER", hint: "12 characters" },
    ],
    hasEditor: true,
  };
}

const account = ["AccountSid", "AC00000000000000000000000000000001"] as const;
const message = "SM00000000000000000000000000000001";
const call = "CA00000000000000000000000000000001";

export const sampleSimulations: readonly Simulation[] = [
  simulation(
    "sms",
    "Incoming SMS",
    [
      ["Body", "Hello"],
      ["From", "+15550100001"],
      ["To", "+15550100002"],
    ],
    [["MessageSid", message], ["SmsSid", message], ["NumMedia", "0"], ["NumSegments", "1"], account],
  ),
  simulation(
    "voice",
    "Incoming call",
    [
      ["From", "+15550100001"],
      ["To", "+15550100002"],
    ],
    [["CallSid", call], ["CallStatus", "ringing"], ["Direction", "inbound"], account],
  ),
  simulation(
    "gather",
    "Gather result",
    [
      ["Digits", "1"],
      ["SpeechResult", ""],
    ],
    [["CallSid", call], ["CallStatus", "in-progress"], account],
  ),
  simulation(
    "status",
    "Status callback",
    [
      ["MessageStatus", "delivered"],
      ["ErrorCode", ""],
    ],
    [["MessageSid", message], account],
  ),
  simulation("studio", "Studio", [["flow", "welcome"]], [["executionSid", "FN00000000000000000000000000000001"]]),
  {
    ...simulation(
      "flex",
      "Flex",
      [
        ["Token", "made-up"],
        ["taskSid", "WT00000000000000000000000000000001"],
      ],
      [],
    ),
    format: "json",
  },
];

function simulation(
  kind: string,
  title: string,
  main: readonly (readonly [string, string])[],
  others: readonly (readonly [string, string])[],
): Simulation {
  const fields = [
    ...main.map(([name, value]) => ({ name, value, isMain: true })),
    ...others.map(([name, value]) => ({ name, value, isMain: false })),
  ];
  return { kind, title, method: "POST", format: "form", fields };
}
