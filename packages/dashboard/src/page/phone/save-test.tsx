import type { FunctionFiles, TestFile } from "@offhook/phone/conversation-test";
import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { Project } from "../../api.ts";
import { ActionButton } from "../action-button.tsx";
import type { PhoneProps } from "./phone-props.ts";

interface SaveTestProps {
  readonly saveTest: PhoneProps["saveTest"];
  readonly fileLink: PhoneProps["fileLink"];
  /** Undefined if there is nothing to test. */
  readonly file: TestFile | undefined;
}

/** Saves a conversation or a call as a test that repeats it, and then shows the test's file. */
export function SaveTest({ file, saveTest, fileLink }: SaveTestProps): VNode | null {
  const [saved, setSaved] = useState<{ readonly text: string; readonly path: string }>();
  if (file === undefined || saveTest === undefined) return null;
  return (
    <span class="phone-saved">
      <ActionButton
        class="phone-link"
        title="Write a node:test file that repeats this, and checks what the functions say"
        run={async () => setSaved({ text: file.text, path: await saveTest(file) })}
      >
        Save as test
      </ActionButton>
      {saved?.text === file.text && <span role="status"> Saved: {fileLink?.(saved.path) ?? saved.path}</span>}
    </span>
  );
}

/** The test kit finds only functions in JavaScript. */
export function typedFunctions({ functions }: Project): FunctionFiles {
  return Object.fromEntries(functions.flatMap(({ name, file }) => (/\.[cm]?ts$/.test(file) ? [[name, file]] : [])));
}
