import type { VNode } from "preact";

import type { Header } from "../../api.ts";
import type { Draft } from "./draft.ts";
import { SecretNote } from "./secret-note.tsx";

export function HeaderList({
  draft: { headers, source },
  change,
}: {
  readonly draft: Pick<Draft, "headers" | "source">;
  readonly change: (headers: readonly Header[]) => void;
}): VNode {
  const set = (index: number, header: Header): void =>
    change(headers.map((each, at) => (at === index ? header : each)));
  return (
    <div class="fields">
      {headers.map(([name, value], index) => (
        <div key={index} class="own-field">
          <input
            type="text"
            class="mono"
            aria-label="Header name"
            placeholder="Name"
            spellcheck={false}
            value={name}
            onInput={({ currentTarget }) => set(index, [currentTarget.value, value])}
          />
          <div>
            <input
              type="text"
              class="mono"
              aria-label={`Value of ${name === "" ? "the header" : name}`}
              spellcheck={false}
              value={value}
              onInput={({ currentTarget }) => set(index, [name, currentTarget.value])}
            />
            <SecretNote text={value} source={source} />
          </div>
          <button
            type="button"
            class="button quiet small"
            aria-label={`Remove ${name}`}
            onClick={() => change(headers.filter((_, at) => at !== index))}
          >
            Remove
          </button>
        </div>
      ))}
      <button type="button" class="button small" onClick={() => change([...headers, ["", ""]])}>
        Add a header
      </button>
    </div>
  );
}
