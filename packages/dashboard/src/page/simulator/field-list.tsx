import type { VNode } from "preact";

import type { Draft, DraftField } from "./draft.ts";
import { SecretNote } from "./secret-note.tsx";

interface Props {
  readonly draft: Pick<Draft, "fields" | "source">;
  readonly change: (fields: readonly DraftField[]) => void;
}

/** The fields that users usually change, the other fields (folded), and a button to add one. */
export function FieldList({ draft: { fields, source }, change }: Props): VNode {
  const numbered = fields.map((field, index) => ({ field, index }));
  const main = numbered.filter(({ field }) => field.isMain);
  const others = numbered.filter(({ field }) => !field.isMain);
  const set = (index: number, changed: Partial<DraftField>): void =>
    change(fields.map((each, at) => (at === index ? { ...each, ...changed } : each)));
  const remove = (index: number): void => change(fields.filter((_, at) => at !== index));
  const line = ({ field, index }: { readonly field: DraftField; readonly index: number }): VNode => (
    <FieldLine
      key={index}
      field={field}
      source={source}
      set={(changed) => set(index, changed)}
      remove={() => remove(index)}
    />
  );
  return (
    <div class="fields">
      {main.map(line)}
      {others.length > 0 && (
        <details class="folded">
          <summary>{others.length} more fields</summary>
          <div class="fields">{others.map(line)}</div>
        </details>
      )}
      <button
        type="button"
        class="button small"
        onClick={() => change([...fields, { name: "", value: "", isMain: true, isOwn: true }])}
      >
        Add a field
      </button>
    </div>
  );
}

function FieldLine({
  field,
  source,
  set,
  remove,
}: {
  readonly field: DraftField;
  readonly source: Draft["source"];
  readonly set: (changed: Partial<DraftField>) => void;
  readonly remove: () => void;
}): VNode {
  const { name, value, isOwn } = field;
  const isLong = name === "Body" || value.length > 60 || value.includes("\n");
  const input = isLong ? (
    <textarea
      rows={2}
      aria-label={name}
      value={value}
      onInput={({ currentTarget }) => set({ value: currentTarget.value })}
    />
  ) : (
    <input
      type="text"
      aria-label={name === "" ? "Value" : name}
      autocomplete="off"
      value={value}
      onInput={({ currentTarget }) => set({ value: currentTarget.value })}
    />
  );
  if (!isOwn) {
    return (
      <div class="field">
        <span aria-hidden="true">{name}</span>
        {input}
        <SecretNote text={value} source={source} />
      </div>
    );
  }
  return (
    <div class="own-field">
      <input
        type="text"
        class="mono"
        aria-label="Field name"
        placeholder="Name"
        autocomplete="off"
        spellcheck={false}
        value={name}
        onInput={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <div>
        {input}
        <SecretNote text={value} source={source} />
      </div>
      <button type="button" class="button quiet small" aria-label={`Remove ${name}`} onClick={remove}>
        Remove
      </button>
    </div>
  );
}
