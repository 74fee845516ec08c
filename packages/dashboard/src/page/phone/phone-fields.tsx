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

export function NumberFields({
  choices,
  choose,
}: {
  readonly choices: PhoneChoices;
  readonly choose: (change: Partial<PhoneChoices>) => void;
}): VNode {
  return (
    <>
      {(["from", "to"] as const).map((name) => (
        <label class="phone-field" key={name}>
          <span>{name === "from" ? "From" : "To"}</span>
          <input
            type="text"
            inputMode="tel"
            autoComplete="off"
            spellcheck={false}
            value={choices[name]}

            onInput={(event) => choose({ [name]: event.currentTarget.value })}
          />
        </label>
      ))}
    </>
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
