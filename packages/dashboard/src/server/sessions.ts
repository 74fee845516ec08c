/**
 * Access to the dashboard: only browsers that opened a link from the terminal have it.
 *
 *     code in the link ──first use──▶ cookie + token ──both──▶ page, API, stream
 *                                           │
 *                 offhook dev restarts ─────┴─ cookie + proof of the resume key ──▶ new token
 *
 * Four values, because none of them is enough alone:
 *
 * - The **code** is in the link, and other users of the machine can read the command line that starts a browser. So a
 *   code works once and expires. A second use of a code means that somebody else may have it: the next link ends all
 *   sessions.
 * - The **cookie** shows that this browser used a code. Cookies ignore ports, so every other server on this host
 *   receives it, the functions among them, and can replace it. So the cookie opens nothing but the static files of the
 *   page.
 * - The **token** is kept in sessionStorage, which belongs to the dashboard's origin, port included. The token is only
 *   valid with its cookie, and only until the process exits. Another process that listens on this port later may
 *   receive both, and gains nothing.
 * - The **resume key** is only in the memory of an open page. The page never sends it: after a restart it proves that
 *   it knows the key by signing a random value of the new process. A page of another process on this port cannot read
 *   it.
 *
 * All values are bound to the port. Another process may hold the port while `offhook dev` uses the next one: what it
 * receives there is not valid here.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** The credentials of a browser that has access. */
export interface Session {
  /** The value of the cookie. */
  readonly cookie: string;
  readonly token: string;
}

export interface SessionsOptions {
  readonly key: string;
  /** The port of the dashboard. */
  readonly port: number;
  readonly now?: () => number;
  /** Called when a code is used a second time. */
  readonly onReuse?: () => void;
}

interface Code {
  readonly expiresAtMs: number;
  /** The cookie of the browser that used it. */
  usedBy: string | undefined;
}

const codeLifetimeMs = 10 * 60_000;
const sessionLifetimeMs = 7 * 24 * 60 * 60_000;
const maxCodes = 100;

export class Sessions {
  /** Includes the port, because two `offhook dev` on one machine share the browser's cookies. */
  readonly cookieName: string;
  readonly #port: number;
  readonly #now: () => number;
  readonly #onReuse: () => void;
  readonly #codes = new Map<string, Code>();
  #key: string;
  #tokenKey = randomBytes(32);
  /** A page that resumes signs this value. It is not a secret. */
  readonly challenge = randomBytes(16).toString("base64url");
  #isContested = false;

  constructor({ key, port, now = Date.now, onReuse = () => undefined }: SessionsOptions) {
    this.#key = key;
    this.#port = port;
    this.#now = now;
    this.#onReuse = onReuse;
    this.cookieName = `offhook-dashboard-${port}`;
  }

  /** Whether somebody else may have used a code. */
  get isContested(): boolean {
    return this.#isContested;
  }

  /** Ends all sessions and codes. */
  reset(key: string): void {
    this.#key = key;
    this.#tokenKey = randomBytes(32);
    this.#codes.clear();
    this.#isContested = false;
  }

  /** Returns a code that works once, within ten minutes. */
  issueCode(): string {
    const code = randomBytes(24).toString("base64url");
    for (const [issued, { expiresAtMs }] of this.#codes) {
      if (this.#codes.size >= maxCodes || expiresAtMs <= this.#now()) this.#codes.delete(issued);
    }
    this.#codes.set(code, { expiresAtMs: this.#now() + codeLifetimeMs, usedBy: undefined });
    return code;
  }

  /** @returns undefined if the code is unknown, used or expired. */
  redeem(code: string, cookieHeader: string | undefined): Session | undefined {
    const issued = this.#codes.get(code);
    if (issued === undefined || issued.expiresAtMs <= this.#now()) return undefined;
    const cookies = this.#cookiesIn(cookieHeader);
    if (issued.usedBy !== undefined) {
      // The same browser has only opened its link again.
      if (!cookies.includes(issued.usedBy)) {
        this.#isContested = true;
        this.#onReuse();
      }
      return undefined;
    }
    // The other tabs of this browser keep their access.
    const [cookie] = cookies;
    const session = cookie === undefined ? this.open() : { cookie, token: this.#tokenOf(cookie) };
    issued.usedBy = session.cookie;
    return session;
  }

  /** For a browser that used a code, and for commands of the same user. */
  open(): Session {
    const expires = (this.#now() + sessionLifetimeMs).toString(36);
    const identity = `${expires}.${randomBytes(16).toString("base64url")}`;
    const cookie = `${identity}.${this.#sign("cookie", identity)}`;
    return { cookie, token: this.#tokenOf(cookie) };
  }

  hasCookie(cookieHeader: string | undefined): boolean {
    return this.#cookiesIn(cookieHeader).length > 0;
  }

  /** Whether the request carries a cookie and the token that belongs to it. @returns the cookie. */
  find(cookieHeader: string | undefined, token: string): string | undefined {
    return this.#cookiesIn(cookieHeader).find((cookie) => isEqual(token, this.#tokenOf(cookie)));
  }

  /** For a page that already has access. */
  resumeKeyOf(cookie: string): string {
    return this.#sign("resume", cookie);
  }

  /**
   * @param proof the challenge, signed with the resume key. @returns this process's token, or undefined if the proof is
   * wrong.
   */
  resume(cookieHeader: string | undefined, proof: string): string | undefined {
    const cookie = this.#cookiesIn(cookieHeader).find((each) =>
      isEqual(proof, hmac(this.resumeKeyOf(each), this.challenge)),
    );
    return cookie === undefined ? undefined : this.#tokenOf(cookie);
  }

  #tokenOf(cookie: string): string {
    return hmac(this.#tokenKey, cookie);
  }

  #sign(purpose: string, text: string): string {
    return hmac(this.#key, `${purpose}:${this.#port}:${text}`);
  }

  /** The valid cookies. Another server on this host can add cookies of the same name, and those may come first. */
  #cookiesIn(cookieHeader = ""): string[] {
    return cookieHeader.split(";").flatMap((pair) => {
      const [name, value = ""] = pair.trim().split("=");
      return name === this.cookieName && this.#isValid(value) ? [value] : [];
    });
  }

  #isValid(cookie: string): boolean {
    const end = cookie.lastIndexOf(".");
    const identity = cookie.slice(0, Math.max(0, end));
    const expiresAtMs = Number.parseInt(identity, 36);
    return isEqual(cookie.slice(end + 1), this.#sign("cookie", identity)) && expiresAtMs > this.#now();
  }
}

function hmac(key: string | Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

function isEqual(actual: string, expected: string): boolean {
  const [one, other] = [Buffer.from(actual), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
