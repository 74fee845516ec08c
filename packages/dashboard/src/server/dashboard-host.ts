/**
 * The dashboard of one `offhook dev`. It starts recording at once. It loads the page and the API when a browser opens
 * it.
 */
import { once } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";

import { notices } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import type { Exchange, OpenRequest, SendRequest, SendResult, WrittenTest } from "../api.ts";
import { Journal } from "../journal/journal.ts";
import { isWorthRepeating } from "../journal/request-choice.ts";
import { ApiError } from "./api-answer.ts";
import type { Dashboard } from "./dashboard.ts";
import { writeDevServerInfo } from "./dev-server-info.ts";
import { listen, originOf } from "./listener.ts";
import type { Original } from "./original.ts";
import { Recorder } from "./recorder.ts";
import type { Sender } from "./sender.ts";
import type { EditedRequest } from "./secret-filler.ts";
import { readSessionKey, replaceSessionKey } from "./session-key.ts";
import { Sessions } from "./sessions.ts";
import { Stream } from "./stream.ts";

/** The server of the functions, once it listens. */
export interface FunctionServer {
  /** The URL to show to people on this machine. */
  readonly url: string;
  /** The address to connect to. */
  readonly address: { readonly host: string; readonly port: number };
}

export interface DashboardOptions {
  readonly publicUrl: string | undefined;
  /** The file of the project's variables, if it has one. */
  readonly envFile?: string | undefined;
  /** The version of the program that opens the dashboard. Pages show it, and HAR files name it. */
  readonly version: string;
}

/** The dashboard's own server, once it listens. */
interface Opened {
  readonly server: Server;
  readonly origin: string;
  readonly sessions: Sessions;
}

interface Loaded {
  readonly answer: Dashboard;
  readonly sender: Sender;
}

export class DashboardHost {
  readonly #journal: Journal;
  readonly #stream = new Stream();
  readonly #recorder: Recorder;
  readonly #version: string;
  readonly #envFile: string | undefined;
  #service: Service;
  #publicUrl: string | undefined;
  #functions: FunctionServer | undefined;
  #opened: Opened | undefined;
  #loading: Promise<Loaded> | undefined;
  #removeDevServerInfo: Promise<() => Promise<void>> | undefined;

  private constructor(journal: Journal, service: Service, { publicUrl, envFile, version }: DashboardOptions) {
    this.#journal = journal;
    this.#service = service;
    this.#publicUrl = publicUrl;
    this.#envFile = envFile;
    this.#version = version;
    this.#recorder = new Recorder(journal, service, (event) => this.#stream.send(event));
  }

  /** Starts recording. */
  static open(service: Service, options: DashboardOptions): DashboardHost {
    const journal = Journal.begin(service.folder, {
      onError: (error) => {
        const message = `Requests are kept in memory only, because .offhook cannot be written: ${error.message}`;
        notices.publish({ level: "warn", message });
      },
    });
    return new DashboardHost(journal, service, options);
  }

  /**
   * Listens on `port`, or without it on the next free port after the one of the functions.
   * @throws OffhookError `port-in-use`, `address-unavailable`
   */
  async listen(functions: FunctionServer, port: number | undefined): Promise<void> {
    const { folder } = this.#service;
    const key = await readSessionKey(folder);
    // No await between here and `on("request")`: a page that reconnects in between would never get a response.
    const server = await listen(port, functions.address.port);
    const origin = originOf(server);
    const sessions = new Sessions({ key, port: Number(new URL(origin).port || 80), onReuse: warnOfReuse });
    this.#functions = functions;
    this.#opened = { server, origin, sessions };
    server.on("request", (request, response) => this.#answer(request, response));
    this.#publishDevServerInfo(functions, this.#opened);
  }

  #publishDevServerInfo({ url }: FunctionServer, { origin, sessions }: Opened): void {
    const info = { url, dashboard: origin, cookieName: sessions.cookieName, pid: process.pid, ...sessions.open() };
    this.#removeDevServerInfo = writeDevServerInfo(this.#service.folder, info);
  }

  /** `http://127.0.0.1:3001`. Undefined until it listens. */
  get origin(): string | undefined {
    return this.#opened?.origin;
  }

  /** Opens a file of the project in the author's editor. @throws ApiError `not-found`, `editor-unavailable` */
  async openFile(request: OpenRequest): Promise<void> {
    const { openInEditor } = await import("./editor.ts");
    await openInEditor(this.#service.folder, request);
  }

  /**
   * Returns a link that opens the dashboard in one browser, once. @throws Error if the dashboard does not listen yet.
   */
  async link(): Promise<string> {
    const [functions, opened] = [this.#functions, this.#opened];
    if (functions === undefined || opened === undefined) throw new Error("The dashboard is not listening yet.");
    const { origin, sessions } = opened;
    if (sessions.isContested) {
      sessions.reset(await replaceSessionKey(this.#service.folder));
      this.#publishDevServerInfo(functions, opened);
    }
    return `${origin}/?code=${sessions.issueCode()}`;
  }

  setService(service: Service): void {
    this.#service = service;
    this.#recorder.setService(service);
    this.#stream.send({ kind: "project" });
  }

  setPublicUrl(publicUrl: string | undefined): void {
    this.#publicUrl = publicUrl;
    this.#stream.send({ kind: "project" });
  }

  /**
   * Repeats the last request to a function, replays excluded. If there is none, repeats the last request that is
   * worth repeating.
   * @returns its reply, or undefined if there is none.
   * @throws ApiError if the request cannot be sent.
   */
  async replayLast(): Promise<SendResult | undefined> {
    await this.#journal.load();
    const { exchanges } = this.#journal.page(100);
    const last =
      exchanges.find(({ resource, origin }) => resource === "function" && origin !== "replay") ??
      exchanges.find(isWorthRepeating);
    return last === undefined ? undefined : await this.#replay(last.id);
  }

  /** Ends the streams of pages. The server would otherwise wait for these connections forever. */
  closePages(): void {
    this.#stream.stop();
  }

  async stop(): Promise<void> {
    this.#stream.stop();
    this.#recorder.stop();
    await this.#close();
    await this.#removeDevServerInfo?.then((remove) => remove());
    await this.#journal.settled();
  }

  async #close(): Promise<void> {
    if (this.#opened === undefined) return;
    const { server } = this.#opened;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.#load().then(
      ({ answer }) => answer(request, response),
      (error: unknown) => {
        const message = `The dashboard could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
        notices.publish({ level: "error", message });
        response.writeHead(500).end();
      },
    );
  }

  #load(): Promise<Loaded> {
    return (this.#loading ??= this.#loadOnce());
  }

  async #loadOnce(): Promise<Loaded> {
    const [functions, opened] = [this.#functions, this.#opened];
    if (functions === undefined || opened === undefined) throw new Error("The dashboard is not listening yet.");
    const [{ createDashboard }, { Sender: SenderClass }, { projectInfo }, { simulationsFor }] = await Promise.all([
      import("./dashboard.ts"),
      import("./sender.ts"),
      import("./project-info.ts"),
      import("./simulations.ts"),
      this.#journal.load(),
    ]);
    const [{ curlOf }, { saveTest, saveWrittenTest }, { OfferedFiles }, { KeptConversations }, { SavedRequests }] =
      await Promise.all([
        import("./curl-export.ts"),
        import("./test-file.ts"),
        import("./offered-files.ts"),
        import("./kept-conversations.ts"),
        import("./saved-requests.ts"),
      ]);
    const version = this.#version;
    const sender = new SenderClass({
      address: functions.address,
      publicUrl: () => this.#publicUrl,
      variables: () => this.#service.variables,
    });
    const parts = {
      journal: this.#journal,
      running: (id: string) => this.#recorder.running(id),
      keepsSecrets: (id: string) => this.#recorder.original(id) !== undefined,
      stream: this.#stream,
      version,
      project: () =>
        projectInfo(this.#service, { version, url: functions.url, publicUrl: this.#publicUrl, hasEditor: true }),
      savedRequests: new SavedRequests(this.#service.folder, () => this.#service.variables),
      simulations: () => simulationsFor(this.#service.variables["ACCOUNT_SID"]),
      curl: (exchange: Exchange) =>
        curlOf(exchange, {
          url: functions.url,
          publicUrl: this.#publicUrl,
          variables: this.#service.variables,
          envFile: this.#envFile,
          original: this.#recorder.original(exchange.id),
        }),
      saveTest: (exchange: Exchange) => {
        const { folder, variables } = this.#service;
        return saveTest(exchange, { folder, hasVariables: Object.keys(variables).length > 0 });
      },
      send: (request: SendRequest) => this.#send(sender, request),
      replay: (id: string) => this.#replay(id),
      saveWrittenTest: (written: WrittenTest) => saveWrittenTest(this.#service, written),
      offeredFiles: new OfferedFiles(opened.origin),
      conversations: new KeptConversations(),
      openFile: (request: OpenRequest) => this.openFile(request),
    };
    return { answer: createDashboard(parts, opened), sender };
  }

  async #send(sender: Sender, request: SendRequest): Promise<SendResult> {
    const sent = await sender.send(request, await this.#editedRequest(request.secrets?.from));
    this.#recorder.mark(sent.id, "page");
    return sent;
  }

  /** @returns undefined unless the request is in memory with its secrets. */
  async #editedRequest(id: string | undefined): Promise<EditedRequest | undefined> {
    const original = id === undefined ? undefined : this.#recorder.original(id);
    const exchange = id === undefined ? undefined : await this.#journal.exchange(id);
    return original && exchange && { shown: exchange.request, original };
  }

  async #originalInJournal(id: string): Promise<Original | undefined> {
    const [exchange, { originalOf }] = await Promise.all([this.#journal.exchange(id), import("./original.ts")]);
    return exchange && originalOf(exchange, this.#service.variables);
  }

  async #replay(id: string): Promise<SendResult | undefined> {
    const { sender } = await this.#load();
    const original = this.#recorder.original(id) ?? (await this.#originalInJournal(id));
    if (original === undefined) return undefined;
    const sent = await sender.repeat(original);
    if (sent.id === "") throw new ApiError(502, "not-sent", "The server did not accept the request.");
    this.#recorder.mark(sent.id, "replay");
    return sent;
  }
}

function warnOfReuse(): void {
  const message =
    "A link to the dashboard was opened again, in another browser. If that was not you, another user of this machine has read it. " +
    "To end the access of all browsers, open a new link (press o).";
  notices.publish({ level: "warn", message });
}
