/** The programs on the author's machine that the pages of `dev` open. Types only. */
export interface AuthorTools {
  /** `http://127.0.0.1:3001`. Undefined until the dashboard listens. */
  dashboardUrl(): string | undefined;
  /**
   * Opens the dashboard in the author's browser. The page that asks gets no link, because a link gives access.
   * @param hash the view, such as `#/requests/RQ…`. @throws Error for the author to read.
   */
  openDashboard(hash: string): Promise<void>;
  /**
   * Opens a file of the project in the author's editor.
   * @param file relative to the project's folder. @throws Error for the author to read.
   */
  openFile(file: string, line: number): Promise<void>;
}
