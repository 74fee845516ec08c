/**
 * A visit to the dashboard of a real `offhook dev`, with the session of a browser that opened the link.
 */
import type { BrowserContext } from "playwright-core";

import type { OffhookProcess } from "./offhook-process.ts";

export interface Visit {
  /** `http://127.0.0.1:3001`. */
  readonly origin: string;
  /** The value of the `cookie` header. */
  readonly cookie: string;
  readonly token: string;
  /** The page behind the link. */
  readonly html: string;
  /** The token that the page sends with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Requests like the page. @throws if the answer is an error. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
}

/** Opens the link that the process printed when it started. It works once. */
export async function visitDashboard({ dashboard }: Pick<OffhookProcess, "dashboard">): Promise<Visit> {
  if (dashboard === undefined) throw new Error("This process has no dashboard.");
  const { origin } = new URL(dashboard);
  const page = await fetch(dashboard);
  const html = await page.text();
  if (page.status !== 200) throw new Error(`${page.status} ${html}`);
  const cookie = page.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const token = /name="offhook-token" content="([^"]+)"/.exec(html)?.[1] ?? "";
  const headers = { cookie, "x-offhook-token": token };
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = {
      method,
      headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const response = await fetch(`${origin}/api/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  return { origin, cookie, token, html, headers, api };
}

/** Gives the tabs of this context access, as if they had opened the link themselves. */
export async function shareVisit({ origin, cookie, token }: Visit, context: BrowserContext): Promise<void> {
  const [name = "", value = ""] = cookie.split("=");
  await context.addCookies([{ name, value, url: origin, httpOnly: true, sameSite: "Strict" }]);
  const keep = `if (location.origin === ${JSON.stringify(origin)}) sessionStorage["offhook-token"] ??= ${JSON.stringify(token)};`;
  await context.addInitScript(keep);
}
