import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";

import type { AssetInfo, FunctionInfo } from "../../api.ts";
import { CopyButton } from "../action-button.tsx";
import { bytesText } from "../figures.ts";
import { FileLink } from "../file-link.tsx";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { visibleText } from "../visible-text.ts";

/** With more resources than this, the view has a search field. */
const many = 12;

export function ProjectView(): VNode {
  const project = useSelected((state) => state.project);
  const [text, setText] = useState("");
  if (project === undefined) return <p class="muted pad">Waiting for the server…</p>;
  const { functions, assets, variables } = project;
  const word = text.trim().toLowerCase();
  const isTarget = (each: FunctionInfo): boolean =>
    [each.path, each.name, each.file, each.visibility].join(" ").toLowerCase().includes(word);
  const shownFunctions = functions.filter(isTarget);
  const shownAssets = assets.filter(isTarget);
  const shownVariables = variables.filter(({ name }) => name.toLowerCase().includes(word));
  return (
    <div class="project page">
      <h2>{visibleText(project.name)}</h2>
      <dl class="addresses">
        <Address title="Local URL" url={project.url} />
        {project.publicUrl !== undefined && <Address title="Public URL" url={project.publicUrl} />}
        <div>
          <dt>Offhook</dt>
          <dd>{project.version}</dd>
        </div>
      </dl>
      {functions.length + assets.length + variables.length > many && (
        <input
          type="search"
          placeholder="Search functions, assets and variables"
          aria-label="Search the project"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
      <Group title="Functions" count={shownFunctions.length} of={functions.length} none="No functions.">
        {shownFunctions.map((each) => (
          <tr key={each.file}>
            <td class="main">
              {each.path === undefined ? <span class="muted">{visibleText(each.name)}</span> : visibleText(each.path)}
            </td>
            <td>
              <Visibility of={each} />
            </td>
            <td>
              <FileLink file={each.file} />
            </td>
            <td class="end">
              {each.path !== undefined && <FunctionActions path={each.path} url={project.publicUrl ?? project.url} />}
            </td>
          </tr>
        ))}
      </Group>
      <Group title="Assets" count={shownAssets.length} of={assets.length} none="No assets.">
        {shownAssets.map((each) => (
          <Asset key={each.file} asset={each} url={project.url} />
        ))}
      </Group>
      <Group title="Variables" count={shownVariables.length} of={variables.length} none="No variables.">
        {shownVariables.map(({ name, hint }) => (
          <tr key={name}>
            <td class="main">{visibleText(name)}</td>
            <td class="muted" colSpan={3}>
              {visibleText(hint)}
            </td>
          </tr>
        ))}
      </Group>
      <p class="muted">The dashboard never shows the values of variables.</p>
    </div>
  );
}

/** @param url of the project, as Twilio reaches it if it does. */
function FunctionActions({ path, url }: { readonly path: string; readonly url: string }): VNode {
  return (
    <>
      <CopyButton title={`Copy ${url}${path}`} text={() => `${url}${path}`}>
        Copy URL
      </CopyButton>{" "}
      <a class="button small" href={hashOf({ view: "simulator", to: path })}>
        Send<span class="sr-only"> a webhook to {path}</span>
      </a>
    </>
  );
}

function Address({ title, url }: { readonly title: string; readonly url: string }): VNode {
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        <code>{visibleText(url)}</code> <CopyButton title="Copy the URL" text={() => url} />
      </dd>
    </div>
  );
}

function Asset({ asset, url }: { readonly asset: AssetInfo; readonly url: string }): VNode {
  return (
    <tr>
      <td class="main">
        {asset.path === undefined || asset.visibility !== "public" ? (
          visibleText(asset.path ?? asset.name)
        ) : (
          <a href={`${url}${asset.path}`} target="_blank" rel="noreferrer noopener">
            {visibleText(asset.path)}
          </a>
        )}
      </td>
      <td>
        <Visibility of={asset} />
      </td>
      <td>
        <FileLink file={asset.file} />
      </td>
      <td class="end">{bytesText(asset.bytes)}</td>
    </tr>
  );
}

const visibilities: Readonly<Record<FunctionInfo["visibility"], string>> = {
  public: "anyone can call it",
  protected: "requests need a valid Twilio signature",
  private: "cannot be called by URL; other functions use it",
};

function Visibility({ of: { visibility } }: { readonly of: FunctionInfo }): VNode {
  return (
    <span class={`mark ${visibility}`} title={visibilities[visibility]}>
      {visibility}
    </span>
  );
}

const rowsAtFirst = 200;

function Group({
  title,
  count,
  of,
  none,
  children,
}: {
  readonly title: string;
  readonly count: number;
  readonly of: number;
  readonly none: string;
  readonly children: readonly ComponentChildren[];
}): VNode {
  const [shown, setShown] = useState(rowsAtFirst);
  return (
    <section class="part">
      <h3>
        {title} <span class="muted">{count === of ? of : `${count} of ${of}`}</span>
      </h3>
      {of === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <table class="rows">
          <tbody>{children.slice(0, shown)}</tbody>
        </table>
      )}
      {count > shown && (
        <button type="button" class="button small" onClick={() => setShown(count)}>
          {count - shown} more
        </button>
      )}
    </section>
  );
}
