import type { VNode } from "preact";

import type { Project } from "../../api.ts";
import { CopyButton } from "../action-button.tsx";
import { docsUrl } from "../docs-links.ts";
import { counted } from "../figures.ts";
import { hashOf } from "../hash-route.ts";
import { dispatch, useSelected } from "../live-page.ts";
import { OutsideLink } from "../outside-link.tsx";
import { visibleText } from "../visible-text.ts";
import { startChoices, type StartChoice, type StartChoices } from "./start-choices.ts";

interface StartProps {
  /** How many requests are in the list. */
  readonly count: number;
  /** How many more are hidden in the background. */
  readonly hidden: number;
}

/** The first steps with a project: how to call its functions, and which URLs to give to Twilio. */
export function Start({ count, hidden }: StartProps): VNode {
  const project = useSelected((state) => state.project);
  if (project === undefined) return <p class="muted pad">Waiting for the server…</p>;
  const start = startChoices(project);
  return (
    <div class="start page">
      <div class="start-head">
        <h2>{count === 0 ? "No requests yet" : "No function called yet"}</h2>
        <p>
          <b>{visibleText(project.name)}</b> runs at <code>{visibleText(project.url)}</code>. Every request appears here
          as it happens.
        </p>
      </div>
      <section>
        <h3>Send the first one</h3>
        <Choices start={start} />
        <ShellCommand start={start} />
        {hidden > 0 && (
          <p class="muted">
            {counted(hidden, "request")} for assets and icons {hidden === 1 ? "is" : "are"} not listed.{" "}
            <button
              type="button"
              class="link"
              onClick={() => dispatch({ type: "filter", filter: { hasAssets: true } })}
            >
              Show assets
            </button>
          </p>
        )}
      </section>
      <div class="start-side">
        <ForTwilio project={project} start={start} />
        <section>
          <h3>What appears where</h3>
          <dl class="start-views">
            <dt>Requests</dt>
            <dd>
              Each request with its event, reply, log, errors and timing. Replay it, change it, save it as a test.
            </dd>
            <dt>Simulator</dt>
            <dd>A form for any webhook of Twilio, signed as Twilio signs it.</dd>
            <dt>Phone</dt>
            <dd>Chat with your functions and call them, without a number or an account.</dd>
            <dt>Project</dt>
            <dd>Functions, assets and the names of variables.</dd>
          </dl>
        </section>
      </div>
    </div>
  );
}

function Choices({ start: { choices, others, lacksAuthToken } }: { readonly start: StartChoices }): VNode {
  return (
    <>
      {choices.length === 0 && !lacksAuthToken && (
        <>
          <p>This project has no function with a URL yet. This command adds one:</p>
          <Command text="npx offhook new function hello" />
        </>
      )}
      <ul class="start-choices">
        {choices.map((choice) => (
          <li key={choice.path}>
            <Choice choice={choice} />
          </li>
        ))}
      </ul>
      {lacksAuthToken && (
        <p>
          Protected functions accept only signed requests. Set <code>AUTH_TOKEN</code> in <code>.env</code> to sign them
          here.
        </p>
      )}
      {others > 0 && choices.length > 0 && (
        <p>
          <a href={hashOf({ view: "project" })}>{counted(others, "more function")}</a>
        </p>
      )}
    </>
  );
}

function Choice({ choice: { title, about, href, isOutside } }: { readonly choice: StartChoice }): VNode {
  const content = (
    <>
      <span class="start-title">{visibleText(title)}</span>
      <span class="muted">{about}</span>
    </>
  );
  if (isOutside) {
    return (
      <OutsideLink class="start-choice" href={href}>
        {content}
      </OutsideLink>
    );
  }
  return (
    <a class="start-choice" href={href}>
      {content}
    </a>
  );
}

function ShellCommand({ start: { command } }: { readonly start: StartChoices }): VNode | null {
  if (command === undefined) return null;
  return (
    <>
      <p>
        {command.isRecorded ? "Or in a shell:" : "Or in a shell. The reply is printed there, and is not listed here:"}
      </p>
      <Command text={command.text} />
    </>
  );
}

function ForTwilio({
  project: { publicUrl },
  start: { webhooks },
}: {
  readonly project: Project;
  readonly start: StartChoices;
}): VNode {
  if (publicUrl === undefined) {
    return (
      <section>
        <h3>Connect Twilio</h3>
        <p>
          Twilio cannot reach this machine yet. A tunnel gives the project a{" "}
          <OutsideLink href={docsUrl("development.md#a-public-url")}>public URL</OutsideLink>:
        </p>
        <Command text={'npx offhook dev --tunnel "cloudflared tunnel --url {url}"'} />
      </section>
    );
  }
  const rows = webhooks.length === 0 ? [{ field: "The project's URL", path: "" }] : webhooks;
  return (
    <section>
      <h3>Connect Twilio</h3>
      <p>Open your phone number in the Twilio Console, and paste:</p>
      {rows.map(({ field, path }) => (
        <div key={field} class="start-webhook">
          <span class="muted">{field}</span>
          <Command text={`${publicUrl}${path}`} title={`Copy the URL for ${field}`} />
        </div>
      ))}
    </section>
  );
}

function Command({ text, title = "Copy the command" }: { readonly text: string; readonly title?: string }): VNode {
  return (
    <div class="command">
      <code>{visibleText(text)}</code>
      <CopyButton title={title} text={() => text} />
    </div>
  );
}
