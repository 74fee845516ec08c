/** The facts about the server that all pages for the author need. */
import { basename } from "node:path";
import type { Exchange } from "../../gateway/exchange.ts";
import type { Service } from "../../service.ts";
import type { AuthorTools } from "../author-tools.ts";
import type { PageContent } from "./page-frame.ts";
import { dashboardLink } from "./page-frame.ts";

export class PageSite {
  readonly service: Service;
  /** The URL of the service for Twilio. Undefined if it has none. */
  readonly publicUrl: string | undefined;
  readonly tools: AuthorTools | undefined;
  readonly #version: string;

  constructor(service: Service, version: string, publicUrl: string | undefined, tools: AuthorTools | undefined) {
    this.service = service;
    this.publicUrl = publicUrl;
    this.tools = tools;
    this.#version = version;
  }

  /** The parts of a page that depend only on its request. */
  frameFor(exchange: Exchange): Pick<PageContent, "project" | "version" | "isRepeatable" | "repeat"> {
    const url = this.tools?.dashboardUrl();
    const replay =
      url === undefined ? "" : dashboardLink(url, `#/requests/${exchange.requestId}`, "Replay it in the dashboard");
    return {
      project: basename(this.service.folder),
      version: this.#version,
      isRepeatable: isRepeatable(exchange),
      repeat: replay === "" ? "Send the request again." : replay,
    };
  }

  /** When the page loads itself again. */
  reloadSentence(exchange: Exchange): string {
    return isRepeatable(exchange)
      ? "This page reloads when you save a change."
      : "A form was sent, so this page does not reload when you save a change.";
  }
}

function isRepeatable({ request }: Exchange): boolean {
  return request.method === "GET" || request.method === "HEAD";
}
