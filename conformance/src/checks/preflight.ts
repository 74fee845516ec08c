import type { CheckGroup } from "../check.ts";
import type { Client, Reply } from "../client.ts";
import {
  expectHeader,
  expectNoHeader,
  expectNotRun,
  expectRefused,
  expectStatus,
  expectText,
} from "../expectations.ts";

const headers = {
  origin: "https://flex.example.com",
  "access-control-request-method": "POST",
  "access-control-request-headers": "authorization, content-type",
};

function preflightOf(client: Client, path: string): Promise<Reply> {
  return client.send(path, { method: "OPTIONS", headers });
}

export const preflight: CheckGroup = {
  section: "§5.6 CORS",
  checks: [
    {
      row: 137,
      title: "A preflight is answered without the function",
      confidence: "documented",
      conflict: "C4",
      expects: "204, origin *, methods GET, POST, OPTIONS; the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await preflightOf(client, `/mark?id=${mark}`);
        if (client.options.lenient) expectStatus(reply, 200, 204);
        else expectStatus(reply, 204);
        expectHeader(reply, "access-control-allow-origin", /^\*$/);
        for (const method of ["GET", "POST", "OPTIONS"]) {
          expectHeader(reply, "access-control-allow-methods", new RegExp(`\\b${method}\\b`));
        }
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 138,
      title: "A preflight allows Content-Type and Authorization",
      confidence: "documented",
      conflict: "C4",
      expects: "allow-headers is or holds *, and names Authorization, which * does not cover, and Content-Type",
      run: async (client) => {
        const reply = await preflightOf(client, "/hello");
        expectHeader(reply, "access-control-allow-headers", /\bauthorization\b/i);
        expectHeader(reply, "access-control-allow-headers", /\bcontent-type\b/i);
        expectHeader(reply, "access-control-allow-headers", /(?:^|,)\s*\*\s*(?:,|$)/);
      },
    },
    {
      row: 139,
      title: "A preflight may be cached for a day, exposes ETag and allows credentials",
      confidence: "inferred",
      conflict: "C4",
      expects:
        "access-control-max-age: 86400, access-control-expose-headers with ETag, access-control-allow-credentials: true",
      run: async (client) => {
        const reply = await preflightOf(client, "/hello");
        expectHeader(reply, "access-control-max-age", /^86400$/);
        expectHeader(reply, "access-control-expose-headers", /\betag\b/i);
        expectHeader(reply, "access-control-allow-credentials", /^true$/);
      },
    },
    {
      row: 140,
      title: "A preflight for an unknown path is not found",
      confidence: "inferred",
      expects: "404",
      run: async (client) => expectRefused(client, await preflightOf(client, "/nope"), 404),
    },
    {
      row: 141,
      title: "A preflight for a protected function is refused",
      confidence: "observed",
      expects: "403",
      run: async (client) => expectRefused(client, await preflightOf(client, "/p"), 403),
    },
    {
      row: 142,
      title: "A function's reply has no CORS headers by default",
      confidence: "documented",
      expects: "200 without access-control-allow-origin",
      run: async (client) => {
        const reply = await client.get("/hello", { headers: { origin: headers.origin } });
        expectText(reply, "hi");
        expectNoHeader(reply, "access-control-allow-origin");
      },
    },
  ],
};
