import type { VNode } from "preact";

import { visibleText } from "../visible-text.ts";
import type { PhoneChoices } from "./phone-choices.ts";

export function FunctionField({
  label,
  paths,
  value,
  none,
  onChoose,
}: {
  readonly label: string;
  readonly paths: readonly string[];
  readonly value: string;
  /** The label of the choice "none", if that is allowed. */
  readonly none?: string;
  readonly onChoose: (path: string) => void;
}): VNode {
  return (
    <label class="phone-field phone-field-wide">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {paths.map((path) => (
          <option key={path} value={path}>
            {visibleText(path)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

export function TextField({ label, value, onText }: TextFieldProps): VNode {
  return (
    <label class="phone-field">
      <span>{label}</span>
      <input
        type="text"
        inputMode={label === "From" || label === "To" ? "tel" : "text"}
        autoComplete="off"
        spellcheck={false}
        value={value}
        onInput={(event) => onText(event.currentTarget.value)}
      />
    </label>
  );
}

export function NumberFields({
  choices,
  choose,
}: {
  readonly choices: PhoneChoices;
  readonly choose: (change: Partial<PhoneChoices>) => void;
}): VNode {
  return (
    <>
      <TextField label="From" value={choices.from} onText={(from) => choose({ from })} />
      <TextField label="To" value={choices.to} onText={(to) => choose({ to })} />
    </>
  );
}

interface ChoiceFieldProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, title: string])[];
  readonly onChoose: (value: Value) => void;
}

export function ChoiceField<Value extends string>(props: ChoiceFieldProps<Value>): VNode {
  const { label, value, options, onChoose } = props;
  return (
    <label class="phone-field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value as Value)}>
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

export function ExchangeLink({
  id,
  onExchange,
  children = "Request",
}: {
  readonly id: string | undefined;
  readonly onExchange: ((id: string) => void) | undefined;
  readonly children?: string;
}): VNode | null {
  if (id === undefined || onExchange === undefined) return null;
  return (
    <button type="button" class="phone-link" onClick={() => onExchange(id)}>
      {children}
    </button>
  );
}
