/**
 * A preview of a TwiML reply: messages as bubbles, a call as a list of steps.
 */
import { elementsOf, ownText, textOf } from "@offhook/phone/element-text";
import type { TwimlKind } from "@offhook/phone/element-schema";
import { readMessage } from "@offhook/phone/message-verb";
import { faultPage, faultTitle } from "@offhook/phone/twilio-faults";
import { looksLikeTwiml, readTwiml, type TwimlDocument } from "@offhook/phone/twiml-document";
import type { TwimlProblem } from "@offhook/phone/twiml-problems";
import { isLast, stepOf } from "@offhook/phone/twiml-step";
import type { XmlElement } from "@offhook/phone/xml-reader";
import type { VNode } from "preact";
import { useMemo } from "preact/hooks";

import { AddressText, MessageBubble } from "./message-bubble.tsx";
import { cutText } from "../visible-text.ts";

/** Limits on what is drawn (verbs at each depth, attributes, problems): thousands of verbs must not block the page. */
const maxVerbsByDepth = [100, 30, 10, 5, 5, 5] as const;
const maxAttributes = 20;
const maxProblems = 100;

/** Draws nothing if the text does not look like TwiML. */
export function TwimlPreview({ text, kind }: { readonly text: string; readonly kind?: TwimlKind }): VNode | null {
  const document = useMemo(() => (looksLikeTwiml(text) ? readTwiml(text, kind) : undefined), [text, kind]);
  if (document === undefined) return null;
  const { root, problems } = document;
  const fatal = problems.filter(({ isFatal }) => isFatal);
  return (
    <section class="twiml" aria-label="TwiML preview">
      {fatal.length > 0 || root === undefined ? (
        <Problems problems={fatal} text={text} />
      ) : (
        <Drawing document={document} root={root} />
      )}
    </section>
  );
}

function Drawing({ document, root }: { readonly document: TwimlDocument; readonly root: XmlElement }): VNode {
  const { kind, problems } = document;
  const verbs = elementsOf(root);
  const atRoot = problems.filter(({ element }) => element === root);
  return (
    <>
      <Problems problems={atRoot} />
      {verbs.length === 0 && ownText(root) === "" && (
        <p class="twiml-empty">An empty response: no message is sent, and a call ends.</p>
      )}
      {verbs.length > 0 &&
        (kind === "messaging" ? (
          <Messages verbs={verbs} problems={problems} />
        ) : (
          <Steps verbs={verbs} problems={problems} depth={0} />
        ))}
    </>
  );
}

interface Verbs {
  readonly verbs: readonly XmlElement[];
  readonly problems: readonly TwimlProblem[];
}

function Messages({ verbs, problems }: Verbs): VNode {
  const last = verbs.findIndex(({ name }) => name === "Redirect");
  return (
    <ol class="twiml-messages" aria-label="Messages">
      {verbs.slice(0, maxVerbsByDepth[0]).map((verb, index) => (
        <li key={index} class={last !== -1 && index > last ? "twiml-unreached" : ""}>
          <MessageVerb verb={verb} />
          <Problems problems={problems.filter(({ element }) => element !== undefined && isWithin(element, verb))} />
          {last !== -1 && index === last + 1 && <p class="twiml-note">Not reached</p>}
        </li>
      ))}
      <More count={verbs.length - maxVerbsByDepth[0]} />
    </ol>
  );
}

function MessageVerb({ verb }: { readonly verb: XmlElement }): VNode {
  if (verb.name === "Message") return <MessageBubble {...readMessage(verb)} to={verb.attributes["to"]} />;
  if (verb.name === "Redirect") {
    return (
      <p class="twiml-note">
        Continues with {verb.attributes["method"]?.toUpperCase() ?? "POST"} <AddressText address={textOf(verb)} />
      </p>
    );
  }
  return (
    <p class="twiml-note">
      <code>{`<${verb.name}>`}</code> is ignored
    </p>
  );
}

function Steps({ verbs, problems, depth }: Verbs & { readonly depth: number }): VNode {
  const last = verbs.findIndex(isLast);
  const maxVerbs = maxVerbsByDepth[depth] ?? 0;
  return (
    <ol class="twiml-steps">
      {verbs.slice(0, maxVerbs).map((verb, index) => (
        <Step
          key={index}
          verb={verb}
          problems={problems}
          depth={depth}
          isUnreached={depth === 0 && last !== -1 && index > last}
        />
      ))}
      <More count={verbs.length - maxVerbs} />
    </ol>
  );
}

function Step({
  verb,
  problems,
  depth,
  isUnreached,
}: {
  readonly verb: XmlElement;
  readonly problems: readonly TwimlProblem[];
  readonly depth: number;
  readonly isUnreached: boolean;
}): VNode {
  const { name, text, isSpoken, address, attributes, nested, next, isLast: isEnd } = stepOf(verb);
  const isDeep = depth + 1 >= maxVerbsByDepth.length;
  const verbProblems = problems.filter(
    ({ element }) => element === verb || ((isSpoken || isDeep) && element !== undefined && isWithin(element, verb)),
  );
  return (
    <li class={`twiml-step${isUnreached ? " twiml-unreached" : ""}${isEnd ? " twiml-last" : ""}`}>
      <div class="twiml-line">
        <span class="twiml-verb">{name}</span>
        <span class="twiml-words">
          <span class={isSpoken ? "twiml-speech" : ""}>{cutText(text)}</span>
          {address !== undefined && <AddressText address={address} />}
          {isUnreached && <span class="twiml-aside">not reached</span>}
        </span>
      </div>
      {attributes.length > 0 && (
        <ul class="twiml-attributes" aria-label="Attributes">
          {attributes.slice(0, maxAttributes).map(([each, value]) => (
            <li key={each}>
              <span>{each}</span> {cutText(value)}
            </li>
          ))}
          <More count={attributes.length - maxAttributes} />
        </ul>
      )}
      <Problems problems={verbProblems} />
      {nested.length > 0 && !isDeep && <Steps verbs={nested} problems={problems} depth={depth + 1} />}
      {next !== undefined && (
        <p class="twiml-next">
          {name === "Redirect" ? "" : "Then "}
          <span class="twiml-method">{next.method}</span>{" "}
          {next.address === "" ? "this document again" : <AddressText address={next.address} />}
        </p>
      )}
    </li>
  );
}

function Problems({
  problems,
  text,
}: {
  readonly problems: readonly TwimlProblem[];
  readonly text?: string;
}): VNode | null {
  if (problems.length === 0) return null;
  return (
    <ul class="twiml-problems" aria-label="Problems">
      {problems.slice(0, maxProblems).map(({ code, message, place, isFatal }, index) => (
        <li key={index} class={isFatal ? "twiml-fatal" : ""}>
          <span>{cutText(message)}</span>
          <span class="twiml-place">
            line {place.line}, column {place.column}
          </span>
          {code !== undefined && (
            <a href={faultPage(code)} target="_blank" rel="noreferrer noopener">
              {faultTitle(code)}
            </a>
          )}
          {text !== undefined && <Excerpt text={text} line={place.line} column={place.column} />}
        </li>
      ))}
    </ul>
  );
}

/** The part of the faulty line around the column. */
function Excerpt({
  text,
  line,
  column,
}: {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}): VNode {
  const whole = text.split(/\r\n?|\n/, line).at(-1) ?? "";
  const from = Math.max(0, column - 41);
  const before = whole.slice(from, column - 1);
  return (
    <code class="twiml-excerpt">
      {from > 0 && "…"}
      {before}
      <mark>{whole.slice(column - 1, column) || " "}</mark>
      {whole.slice(column, column + 40)}
    </code>
  );
}

function More({ count }: { readonly count: number }): VNode | null {
  return count > 0 ? <li class="twiml-note">and {count} more, not shown</li> : null;
}

function isWithin(element: XmlElement, outer: XmlElement): boolean {
  return element === outer || elementsOf(outer).some((each) => isWithin(element, each));
}
