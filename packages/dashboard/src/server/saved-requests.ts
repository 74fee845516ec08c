/**
 * The requests that the author saved under a name, in `.offhook/requests.json`. Masks stand for their secrets, so the file
 * may be shared.
 */
import { constants } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Header, NamedRequest, SavedRequest } from "../api.ts";

import { withFile } from "../journal/opened-file.ts";
import { Redaction } from "../journal/redaction.ts";
import { makeStateFolder } from "../journal/state-folder.ts";
import { ApiError } from "./api-answer.ts";
import { readNamedRequest } from "./api-request.ts";

const maxRequests = 200;
const maxFileBytes = 16 * 1_048_576;

export class SavedRequests {
  readonly #folder: string;
  readonly #variables: () => Readonly<Record<string, string>>;
  #work: Promise<unknown> = Promise.resolve();

  /** @param folder of the project. */
  constructor(folder: string, variables: () => Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#variables = variables;
  }

  /** Sorted by name. Requests that cannot be read are left out. @throws ApiError `file-invalid`. */
  async list(): Promise<NamedRequest[]> {
    const text = await readOwn(this.#file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return '{"requests":[]}';
      const reason = error.code ?? error.message;
      throw new ApiError(409, "file-invalid", `.offhook/requests.json cannot be read (${reason}).`);
    });
    try {
      const { requests } = JSON.parse(text) as { requests: unknown[] };
      return requests.flatMap(readable).toSorted((one, other) => one.name.localeCompare(other.name));
    } catch {
      throw new ApiError(409, "file-invalid", '.offhook/requests.json is not valid. Expected { "requests": [ … ] }.');
    }
  }

  /** Replaces a request of the same name. @returns all requests. */
  async save(request: NamedRequest): Promise<NamedRequest[]> {
    const saved = { name: request.name, ...this.masked(request) };
    return await this.#change((requests) => [...requests.filter(({ name }) => name !== request.name), saved]);
  }

  /** @returns the other requests. */
  async delete(name: string): Promise<NamedRequest[]> {
    return await this.#change((requests) => requests.filter((each) => each.name !== name));
  }

  /** The request as it may be kept. */
  masked(request: SavedRequest): SavedRequest {
    const { headers, fields, format, body, target } = request;
    const all = new Redaction();
    all.setVariables(this.#variables());
    const redaction = all.for(headers, Object.fromEntries(fields)).withNames();
    const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1].toLowerCase();
    return {
      ...request,
      target: redaction.target(target),
      headers: redaction.headers(headers),
      fields: fields.map(([name, value]): Header => {
        const [shown] = Object.entries(redaction.event({ [name]: value })) as [string, string][];
        // An empty field has no secret.
        return value === "" || shown === undefined ? [name, value] : shown;
      }),
      body: redaction.body(body, type ?? (format === "json" ? "application/json" : "")),
    };
  }

  /** One change at a time. The file is replaced at once, so that a reader never sees half of it. */
  async #change(change: (requests: readonly NamedRequest[]) => readonly NamedRequest[]): Promise<NamedRequest[]> {
    const work = this.#work.then(async () => {
      const requests = change(await this.list());
      if (requests.length > maxRequests)
        throw new ApiError(409, "too-many-requests", `At most ${maxRequests} requests can be saved.`);
      await this.#write(`${JSON.stringify({ requests }, undefined, 2)}\n`);
      return await this.list();
    });
    this.#work = work.catch(() => undefined);
    return await work;
  }

  async #write(text: string): Promise<void> {
    try {
      await makeStateFolder(this.#folder);
      const temporary = `${this.#file}.${process.pid}`;
      await rm(temporary, { force: true });
      await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
      await rename(temporary, this.#file);
    } catch (error) {
      throw new ApiError(409, "not-written", `.offhook/requests.json cannot be written: ${(error as Error).message}`);
    }
  }

  get #file(): string {
    return join(this.#folder, ".offhook", "requests.json");
  }
}

/** In a cloned project, a link could lead anywhere, and some files never end. */
async function readOwn(file: string): Promise<string> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  return await withFile(file, flags, async (handle) => {
    const found = await handle.stat();
    if (!found.isFile()) throw new Error("not a file");
    if (found.size > maxFileBytes) throw new Error("too large");
    return await handle.readFile("utf8");
  });
}

function readable(value: unknown): NamedRequest[] {
  try {
    return [readNamedRequest(value)];
  } catch {
    return [];
  }
}
