/** The absolute URLs in replies. Clients follow them literally. */
export class Links {
  readonly #base: string;

  /** @param base `https://api.example.com`, without a slash at its end. */
  constructor(base: string) {
    this.#base = base;
  }

  service(sid: string): string {
    return `${this.#base}/v1/Services/${sid}`;
  }

  environment(service: string, sid: string): string {
    return `${this.service(service)}/Environments/${sid}`;
  }

  resource(service: string, kind: "function" | "asset", sid: string): string {
    return `${this.service(service)}/${kind === "function" ? "Functions" : "Assets"}/${sid}`;
  }

  build(service: string, sid: string): string {
    return `${this.service(service)}/Builds/${sid}`;
  }

  /** The URL of a page of a list. @param path of the request, with its leading slash. */
  page(path: string, query: URLSearchParams): string {
    return `${this.#base}${path}?${query.toString()}`;
  }
}
