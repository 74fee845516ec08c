/**
 * The dashboard of one `offhook dev`: what it records from the first request on, and what is loaded when a browser comes.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { OpenRequest, SendRequest, Sent } from "@offhook/dashboard/api";
import { notices } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import { Journal } from "../journal/journal.ts";
import { readVersion } from "../version.ts";
import { ApiError } from "./api-answer.ts";
import type { Dashboard } from "./dashboard.ts";
import { openDoor } from "./door.ts";
import { concerns } from "./guard.ts";
import { originalOf } from "./original.ts";
import { Recorder } from "./recorder.ts";
import { pageToken } from "./page-token.ts";
import type { Sender } from "./sender.ts";
import { Stream } from "./stream.ts";

/** The server, once it is up. */
export interface DashboardServer {
  /** For people on this machine. */
  readonly url: string;
  /** The same, for programs. */
  readonly address: { readonly host: string; readonly port: number };
}

interface Loaded {
  readonly answer: Dashboard;
  readonly sender: Sender;
}

export class DashboardHost {
  readonly #journal: Journal;
  readonly #stream = new Stream();
  readonly #recorder: Recorder;
  #service: Service;
  #publicUrl: string | undefined;
  #server: DashboardServer | undefined;
  readonly #token: string;
  #loading: Promise<Loaded> | undefined;
  #leaveDoor: Promise<() => Promise<void>> | undefined;

  private constructor(journal: Journal, service: Service, publicUrl: string | undefined, token: string) {
    this.#token = token;
    this.#journal = journal;
    this.#service = service;
    this.#publicUrl = publicUrl;
    this.#recorder = new Recorder(journal, service, (event) => this.#stream.send(event));
  }

  /** Records from here on. */
  static async open(service: Service, publicUrl: string | undefined): Promise<DashboardHost> {
    const journal = Journal.begin(service.folder, {
      onError: (error) => {
        const message = `Requests are not kept in .offhook, but in memory: ${error.message}`;
        notices.publish({ level: "warn", message });
      },
    });
    return new DashboardHost(journal, service, publicUrl, await pageToken(service.folder));
  }

  /** Of the gateway: takes what is asked of the dashboard, and leaves everything else. */
  readonly own = (request: IncomingMessage, response: ServerResponse): boolean => {
    const server = this.#server;
    if (server === undefined || !concerns(request)) return false;
    this.#load(server).then(
      ({ answer }) => answer(request, response),
      (error: unknown) => {
        const message = `The dashboard does not load: ${error instanceof Error ? error.message : String(error)}`;
        notices.publish({ level: "error", message });
        response.writeHead(500).end(message);
      },
    );
    return true;
  };

  attach(server: DashboardServer): void {
    this.#server = server;
    const { url } = server;
    this.#leaveDoor = openDoor(this.#service.folder, { url, token: this.#token, pid: process.pid });
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
   * Sends the last request that somebody else has sent once more.
   * @returns its reply; undefined where there is none yet.
   * @throws ApiError where it cannot be sent.
   */
  async replayLast(): Promise<Sent | undefined> {
    await this.#journal.known();
    const { exchanges } = this.#journal.page(100);
    const last =
      exchanges.find(({ resource, origin }) => resource === "function" && origin !== "replay") ?? exchanges[0];
    return last === undefined ? undefined : await this.#replay(last.id);
  }

  /** Before the server waits for its connections to end: those of pages never do. */
  closePages(): void {
    this.#stream.stop();
  }

  async stop(): Promise<void> {
    this.#stream.stop();
    this.#recorder.stop();
    await this.#leaveDoor?.then((leave) => leave());
    await this.#journal.settled();
  }

  /** Few who serve a project look at it: nobody else pays for the page. */
  #load(server: DashboardServer): Promise<Loaded> {
    return (this.#loading ??= this.#loadOnce(server));
  }

  async #loadOnce(server: DashboardServer): Promise<Loaded> {
    const [{ createDashboard }, { Sender: SenderClass }, { projectInfo }, { simulationsFor }, { openInEditor }] =
      await Promise.all([
        import("./dashboard.ts"),
        import("./sender.ts"),
        import("./project-info.ts"),
        import("./simulations.ts"),
        import("./editor.ts"),
        this.#journal.known(),
      ]);
    const version = readVersion();
    const sender = new SenderClass({
      address: server.address,
      publicUrl: () => this.#publicUrl,
      variables: () => this.#service.variables,
    });
    const parts = {
      journal: this.#journal,
      running: (id: string) => this.#recorder.running(id),
      stream: this.#stream,
      version,
      project: () =>
        projectInfo(this.#service, { version, url: server.url, publicUrl: this.#publicUrl, hasEditor: true }),
      simulations: () => simulationsFor(this.#service.variables["ACCOUNT_SID"]),
      send: (request: SendRequest) => this.#send(sender, request),
      replay: (id: string) => this.#replay(id),
      openFile: (request: OpenRequest) => openInEditor(this.#service.folder, request),
    };
    return { answer: createDashboard(parts, this.#token), sender };
  }

  async #send(sender: Sender, request: SendRequest): Promise<Sent> {
    const sent = await sender.send(request);
    this.#recorder.mark(sent.id, "page");
    return sent;
  }

  async #replay(id: string): Promise<Sent | undefined> {
    if (this.#server === undefined) return undefined;
    const { sender } = await this.#load(this.#server);
    const original = this.#recorder.original(id) ?? originalOf(await this.#journal.exchange(id));
    if (original === undefined) return undefined;
    const sent = await sender.repeat(original);
    if (sent.id === "") throw new ApiError(502, "not-sent", "The server has not taken the request.");
    this.#recorder.mark(sent.id, "replay");
    return sent;
  }
}
