/**
 * The credentials of this tab: the token of the running `offhook dev`, and the key that gets a new token after a
 * restart.
 *
 * The token is in sessionStorage, so a reload keeps it. The key is only in memory and is never sent. While `offhook
 * dev` is down, another program may listen on this port: it can read what the tab stores and sends, but not the key.
 */
const storageName = "offhook-token";

let token = takeToken();
let resumeKey: CryptoKey | undefined;

export function currentToken(): string {
  return token;
}

/** The page that a link opens carries the token, once. */
function takeToken(): string {
  const pageToken = document.querySelector<HTMLMetaElement>('meta[name="offhook-token"]')?.content ?? "";
  if (pageToken === "") return sessionStorage.getItem(storageName) ?? "";
  sessionStorage.setItem(storageName, pageToken);
  // The code in the link works once, so a reload must not send it again.
  history.replaceState(history.state, "", `/${location.hash}`);
  return pageToken;
}

/** @param text base64url, as the server sends it. */
export async function keepResumeKey(text: string): Promise<void> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  resumeKey = await crypto.subtle.importKey("raw", new TextEncoder().encode(text), algorithm, false, ["sign"]);
}

/** @returns undefined if this tab has no key: it was reloaded while `offhook dev` was down, or has just been opened. */
export async function proofFor(challenge: string): Promise<string | undefined> {
  if (resumeKey === undefined) return undefined;
  const signature = await crypto.subtle.sign("HMAC", resumeKey, new TextEncoder().encode(challenge));
  const text = btoa(String.fromCharCode(...new Uint8Array(signature)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export function replaceToken(next: string): void {
  token = next;
  sessionStorage.setItem(storageName, next);
}
