/**
 * Asks for template and language in a terminal. Enter chooses the default.
 */
import { createInterface } from "node:readline/promises";

import { languages, templateNames, type Language, type TemplateName } from "../scaffold/template-names.ts";

const templateWords: Readonly<Record<TemplateName, string>> = {
  sms: "answers text messages",
  voice: "a phone menu",
  studio: "for the Run Function widget of a Studio flow",
  flex: "for a Flex plugin",
  api: "JSON, and a page that calls it",
};

const languageWords: Readonly<Record<Language, string>> = {
  js: "JavaScript, as on hosted Functions",
  ts: "TypeScript",
};

export interface Answers {
  readonly template: TemplateName;
  readonly language: Language;
}

/**
 * @param flagAnswers answers from the command line. They are not asked.
 * @returns undefined if the user ends a question with Ctrl+C or Ctrl+D.
 */
export async function ask(
  flagAnswers: Partial<Answers>,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<Answers | undefined> {
  const dialogue = openDialogue(input, output);

  async function choose<Word extends string>(
    title: string,
    words: readonly Word[],
    describe: Readonly<Record<Word, string>>,
  ): Promise<Word | undefined> {
    const width = Math.max(...words.map((word) => word.length));
    const rows = words.map((word, index) => `  ${index + 1}  ${word.padEnd(width)}  ${describe[word]}`);
    output.write(`${[title, ...rows].join("\n")}\n`);
    for (;;) {
      const answer = await dialogue.question(`Number or name [${words[0]}]: `);
      if (answer === undefined) return undefined;
      const word = answer.trim().toLowerCase();
      const chosen = word === "" ? words[0] : (words.find((each) => each === word) ?? words[Number(word) - 1]);
      if (chosen !== undefined) return chosen;
    }
  }

  try {
    const template =
      flagAnswers.template ?? (await choose("What should the project do?", templateNames, templateWords));
    if (template === undefined) return undefined;
    const language = flagAnswers.language ?? (await choose("Which language?", languages, languageWords));
    return language === undefined ? undefined : { template, language };
  } finally {
    dialogue.close();
  }
}

/** @returns false unless the answer is yes. */
export async function confirm(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  const dialogue = openDialogue(input, output);
  try {
    const answer = await dialogue.question(`${question} (y/N) `);
    if (answer === undefined) output.write("\n");
    return /^\s*y(?:es)?\s*$/i.test(answer ?? "");
  } finally {
    dialogue.close();
  }
}

interface Dialogue {
  /** @returns undefined if the user ends it with Ctrl+C or Ctrl+D. */
  question(text: string): Promise<string | undefined>;
  close(): void;
}

function openDialogue(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Dialogue {
  const terminal = createInterface({ input, output });
  // Closing the terminal must end a pending question, which would otherwise wait forever.
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<undefined>();
  terminal.once("close", () => onEnd(undefined));
  terminal.once("SIGINT", () => terminal.close());
  return {
    question: (text) => Promise.race([terminal.question(text), ended]),
    close: () => terminal.close(),
  };
}
