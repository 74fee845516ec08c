import type { FunctionFiles, TestFile } from "@offhook/phone/conversation-test";
import type { VNode } from "preact";

import type { Project } from "../../api.ts";
import { ActionButton } from "../action-button.tsx";
import type { PhoneProps } from "./phone-props.ts";

interface SaveTestProps {
  readonly file: TestFile | undefined;
  readonly saveTest: PhoneProps["saveTest"];
}

/** Saves what was said as a test that repeats it. */
export function SaveTest({ file, saveTest }: SaveTestProps): VNode | null {
  if (file === undefined || saveTest === undefined) return null;
  return (
    <ActionButton
      class="phone-link"
      done="Saved"
      title={`Save a node:test file that repeats this and checks what the functions say: ${file.name}`}
      run={async () => saveTest(file)}
    >
      Save as test
    </ActionButton>
  );
}

/** The test kit finds functions in JavaScript by itself. */
export function typedFunctions({ functions }: Project): FunctionFiles {
  return Object.fromEntries(functions.flatMap(({ name, file }) => (/\.[cm]?ts$/.test(file) ? [[name, file]] : [])));
}
