/** The functions and assets of a project as a list of links. */
import type { AssetResource, FunctionResource } from "../../service.ts";
import { copyButton, dashboardLink, section, simulatorHash } from "./page-frame.ts";
import type { PageSite } from "./page-site.ts";
import { escapeHtml, type PageText } from "./page-text.ts";

type Resource = FunctionResource | AssetResource;

/** More would make the page slow. */
const maxShown = 200;

export function resourceList(site: PageSite, text: PageText): string {
  const { functions, assets } = site.service;
  return [list("Functions", functions, site, text), list("Assets", assets, site, text)].join("");
}

function list(title: string, resources: readonly Resource[], site: PageSite, text: PageText): string {
  if (resources.length === 0) return "";
  const order = { public: 0, protected: 0, private: 1 };
  const sorted = resources.toSorted((one, other) => order[one.visibility] - order[other.visibility]);
  const rows = sorted.slice(0, maxShown).map((resource) => `<li>${row(resource, site, text)}</li>`);
  const rest = resources.length - maxShown;
  const more = rest > 0 ? `<p class="quiet">And ${rest} more.</p>` : "";
  return section(title, `<ul class="resources">${rows.join("")}</ul>${more}`);
}

function row(resource: Resource, site: PageSite, text: PageText): string {
  const { path, visibility, kind } = resource;
  if (visibility === "private") {
    return `<span class="path">${text.html(path)}</span><span class="tag private">private: no URL</span>`;
  }
  const url = site.tools?.dashboardUrl();
  const isProtected = visibility === "protected";
  return [
    `<span class="path">${pathLink(path, "", text)}</span>`,
    ...(isProtected ? ['<span class="tag">protected: must be signed</span>'] : []),
    ...(kind === "function" && url !== undefined
      ? [dashboardLink(url, simulatorHash(path), isProtected ? "Send it signed" : "Send a webhook", "small")]
      : []),
    ...(kind === "function" && site.publicUrl !== undefined
      ? [
          copyButton(
            `${site.publicUrl.replace(/\/$/, "")}${encodedPath(path)}`,
            `Copy the public URL of ${path}`,
            "Copy URL",
          ),
        ]
      : []),
  ].join("");
}

/** @param query of the request. The link has the same one, unless there is a secret in it. */
export function pathLink(path: string, query: string, text: PageText): string {
  const kept = query === "" || text.masked(query) !== query ? "" : `?${query}`;
  return `<a href="${escapeHtml(encodedPath(path) + kept)}">${text.html(path)}</a>`;
}

/** As browsers encode it. A path that begins with two slashes would lead to another host. */
function encodedPath(path: string): string {
  const encoded = encodeURI(path.toWellFormed()).replaceAll("?", "%3F").replaceAll("#", "%23");
  return encoded.replace(/^\/{2,}/, "/");
}
