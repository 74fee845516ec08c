/**
 * The page for a browser without a session. It explains how to get in, and shows nothing of the project.
 */
import { createHash } from "node:crypto";

import { logoUrl } from "../site.ts";

export type EntryReason = "no-session" | "code-invalid" | "foreign";

const explanations: Readonly<Record<EntryReason, string>> = {
  "no-session": "This browser does not have access to the dashboard yet.",
  "code-invalid":
    "This link has expired or was already used. If you did not use it, someone else may have. Open a new link to end their access.",
  foreign: "Another page tried to open the dashboard. Only you can open it.",
};

const style = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.3; }
.name { display: flex; align-items: center; gap: 0.5rem; font-weight: 600; }
`;
const styleHash = createHash("sha256").update(style).digest("base64");

export const entryPolicy = `default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function entryPage(reason: EntryReason): string {
  const logo = logoUrl();
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Offhook dashboard</title>
    <link rel="icon" type="image/svg+xml" href="${logo}" />
    <style>${style}</style>
  </head>
  <body>
    <p class="name"><img src="${logo}" alt="" width="24" height="24" /> Offhook</p>
    <h1>Open the dashboard from the terminal</h1>
    <p>${explanations[reason]}</p>
    <p>Press <kbd>o</kbd> in the terminal where <code>offhook dev</code> runs, or start it again and open the link that it prints.
      Each link works once.</p>
  </body>
</html>
`;
}
