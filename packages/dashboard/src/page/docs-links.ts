/**
 * Links to documentation. The page loads nothing from there: a link opens a new tab.
 */
import { faultPage } from "@offhook/phone/twilio-faults";

/** The `homepage` of the repository. */
export const repositoryUrl = "https://github.com/offhook/offhook";

/** @param page the path of a page in `docs/`, optionally with the id of a heading. */
export function docsUrl(page: string): string {
  return `${repositoryUrl}/blob/main/docs/${page}`;
}

/** The page about a code: one of Offhook's, such as `signature-invalid`, or a number of Twilio's. */
export function codeUrl(code: string | number): string | undefined {
  if (/^\d{4,6}$/.test(String(code))) return faultPage(Number(code));
  return /^[a-z][a-z-]+$/.test(String(code)) ? docsUrl(`reference/errors.md#${code}`) : undefined;
}
