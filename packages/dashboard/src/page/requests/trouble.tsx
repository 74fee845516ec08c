import type { VNode } from "preact";

import type { Exchange } from "../../api.ts";
import { FileLink } from "../file-link.tsx";
import { LongText } from "../long-text.tsx";
import { CodeLink } from "../outside-link.tsx";
import { visibleText } from "../visible-text.ts";
import { ReplyProblems } from "./reply-problems.tsx";
import { SignaturePart } from "./signature-part.tsx";
import { SourceLines } from "./source-lines.tsx";
import { readErrorText, type ErrorText, type StackFrame } from "./stack-lines.ts";

/** The error, its reason, its place and the next step. */
export function Trouble({ exchange }: { readonly exchange: Exchange }): VNode | null {
  const { code, detail, hints, leftovers, file, signatureDiagnosis, source, problems = [] } = exchange;
  if ([code, detail, leftovers, hints[0], problems[0]].every((part) => part === undefined)) return null;
  const error = detail === undefined ? undefined : readErrorText(detail, file);
  const isRejected = problems.some(({ level }) => level === "error");
  const isFailure = code !== undefined || detail !== undefined || isRejected;
  return (
    <section class={`part trouble${isFailure ? " failed" : ""}`}>
      <h3>{isFailure || problems.length > 0 ? "What went wrong" : "Hints and leftovers"}</h3>
      <Headline exchange={exchange} error={error} />
      {signatureDiagnosis !== undefined && <SignaturePart diagnosis={signatureDiagnosis} />}
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
      {source !== undefined && <SourceLines source={source} />}
      {error !== undefined && <ErrorPlaces error={error} detail={detail ?? ""} />}
      {leftovers !== undefined && (
        <p>
          <b>Left running.</b> This was still running after the reply, and was ended: {visibleText(leftovers)}
        </p>
      )}
      {exchange.explanation !== undefined && (
        <p class="next-step">
          <b>Next step.</b> <WithCode text={exchange.explanation.next} />
        </p>
      )}
      {code !== undefined && (
        <p class="muted">
          Code <CodeLink code={code} />
        </p>
      )}
    </section>
  );
}

/** The author's own error comes first. Other details, such as those of a timeout, only complete the explanation. */
function Headline({
  exchange: { code = "", explanation },
  error,
}: {
  readonly exchange: Exchange;
  readonly error: ErrorText | undefined;
}): VNode | null {
  const message = explanation === undefined ? undefined : visibleText(explanation.message);
  const isOwnError = message === undefined || authorErrors.has(code);
  if (error !== undefined && isOwnError) {
    return (
      <>
        <pre class="error-message">{visibleText(error.message)}</pre>
        {message !== undefined && <p class="muted">{message}.</p>}
      </>
    );
  }
  return message === undefined ? null : (
    <>
      <p class="failure-title">{message}</p>
      {error !== undefined && <pre class="failure-detail">{visibleText(error.message)}</pre>}
    </>
  );
}

/** Text in which names of settings and headers are in backticks. */
function WithCode({ text }: { readonly text: string }): VNode {
  const parts = visibleText(text).split("`");
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}</>;
}

/** The codes of errors in the code of a function. */
export const authorErrors: ReadonlySet<string> = new Set(["handler-threw", "callback-error", "function-load-failed"]);

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
