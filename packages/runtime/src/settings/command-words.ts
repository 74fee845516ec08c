/**
 * A command line, split into words. No shell reads it, so that nothing in it is expanded and nothing can be hidden in
 * it.
 */
import { invalid } from "./setting-kinds.ts";
import type { Kind } from "./setting-kinds.ts";

/**
 * Splits as a shell does: quotes and backslashes keep spaces inside a word.
 * @returns undefined if a quote is not closed.
 */
export function splitWords(command: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < command.length; index++) {
    const character = command.charAt(index);
    if (quote !== "") {
      if (character === quote) quote = "";
      else if (character === "\\" && quote === '"' && /["\\]/.test(command.charAt(index + 1))) {
        word += command.charAt(++index);
      } else word += character;
    } else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "\\" && index + 1 < command.length) {
      word = (word ?? "") + command.charAt(++index);
    } else word = (word ?? "") + character;
  }
  if (quote !== "") return undefined;
  return word === undefined ? words : [...words, word];
}

/** A command: one text, or in a file also a list of words. It resolves to the words. */
export function commandWords(): Kind<readonly string[]> {
  return {
    allowed: 'a command, such as "cloudflared tunnel --url {url}"',
    placeholder: "command",
    schema: {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "array", items: { type: "string" }, minItems: 1 },
      ],
    },
    parse(value) {
      const words = typeof value === "string" ? splitWords(value) : value;
      if (!Array.isArray(words)) return invalid;
      const isCommand = words.every((word) => typeof word === "string" && !word.includes("\0")) && words[0];
      return isCommand ? Object.freeze([...(words as string[])]) : invalid;
    },
  };
}
