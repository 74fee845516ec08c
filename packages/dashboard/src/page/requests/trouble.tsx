import type { VNode } from "preact";

import type { Exchange } from "../../api.ts";
import { FileLink } from "../file-link.tsx";
import { LongText } from "../long-text.tsx";
import { visibleText } from "../visible-text.ts";
import { ReplyProblems } from "./reply-problems.tsx";
import { readErrorText, type ErrorText, type StackFrame } from "./stack-lines.ts";

/** The error, its place and the hints. */
export function Trouble({ exchange }: { readonly exchange: Exchange }): VNode | null {
  const { code, detail, hints, leftovers, file, problems = [] } = exchange;
  const isCalm = code === undefined && detail === undefined && leftovers === undefined;
  if (isCalm && hints.length === 0 && problems.length === 0) return null;
  const error = detail === undefined ? undefined : readErrorText(detail, file);
  const isRejected = problems.some(({ level }) => level === "error");
  const isFailure = code !== undefined || detail !== undefined || isRejected;
  return (
    <section class={`part trouble${isFailure ? " failed" : ""}`}>
      <h3>{isFailure || problems.length > 0 ? "What went wrong" : "Hints and leftovers"}</h3>
      {error !== undefined && <pre class="error-message">{visibleText(error.message)}</pre>}
      <ReplyProblems problems={problems} />
      {hints.length > 0 && (
        <ul class="hints">
          {hints.map((hint, index) => (
            <li key={index}>
              {visibleText(hint.text)} {hint.file !== undefined && <FileLink file={hint.file} line={hint.line} />}
            </li>
          ))}
        </ul>
      )}
      {error !== undefined && <ErrorPlaces error={error} detail={detail ?? ""} />}
      {leftovers !== undefined && (
        <p>
          <b>Left running.</b> This was still running after the reply, and was ended: {visibleText(leftovers)}
        </p>
      )}
      {code !== undefined && (
        <p class="muted">
          Code <code>{visibleText(code)}</code>
        </p>
      )}
    </section>
  );
}

function ErrorPlaces({
  error: { projectFrames, otherFrames },
  detail,
}: {
  readonly error: ErrorText;
  readonly detail: string;
}): VNode {
  return (
    <>
      {projectFrames.length > 0 && <Frames frames={projectFrames} />}
      {otherFrames.length > 0 && (
        <details class="folded">
          <summary>{otherFrames.length} more outside the project</summary>
          <Frames frames={otherFrames} />
        </details>
      )}
      {projectFrames.length + otherFrames.length > 0 && (
        <details class="folded">
          <summary>Full error text</summary>
          <LongText text={detail} />
        </details>
      )}
    </>
  );
}

function Frames({ frames }: { readonly frames: readonly StackFrame[] }): VNode {
  return (
    <ol class="frames">
      {frames.map(({ text, file, line }, index) => (
        <li key={index}>
          {file === undefined ? (
            <code>{visibleText(text)}</code>
          ) : (
            <FileLink file={file} line={line}>
              {visibleText(text)}
            </FileLink>
          )}
        </li>
      ))}
    </ol>
  );
}
