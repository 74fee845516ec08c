/**
 * The props of the phone and of its two panels.
 */
import type { TestFile } from "@offhook/phone/conversation-test";
import type { VNode } from "preact";

import type { Project, Simulation } from "../../api.ts";
import type { PhoneRoute } from "../hash-route.ts";
import type { Send } from "./call-controller.ts";
import type { ChatMemory } from "./chat-controller.ts";
import type { PhoneChoices } from "./phone-choices.ts";

export interface PhoneProps {
  readonly project: Project;
  readonly simulations: readonly Simulation[];
  readonly send: Send;
  /** The place in the page's URL. Undefined while the page shows another view, or if the phone has no URL. */
  readonly route?: PhoneRoute | undefined;
  /** Called when the user moves, so that the URL follows. `isReplaced` is for moves that Back should skip. */
  readonly onRoute?: (route: PhoneRoute, isReplaced?: boolean) => void;
  /** Makes a local file available to functions. @returns its URL. */
  readonly offerFile?: (file: Blob) => Promise<string>;
  /** Where the conversation outlives a reload. */
  readonly chatMemory?: ChatMemory;
  /** Saves a test that repeats a conversation or a call. @returns the path of its file in the project. */
  readonly saveTest?: (file: TestFile) => Promise<string>;
  /** Draws the path of a file, as a link that opens an editor. */
  readonly fileLink?: (file: string) => VNode;
  /** Called when the latest request of the conversation or the call has changed. */
  readonly onLatest?: (id: string | undefined) => void;
  /** Called when the user wants to see a request that the phone has sent. */
  readonly onExchange?: (id: string) => void;
  /** Draws a request in one line, for the list beside a conversation. */
  readonly requestLine?: (id: string) => VNode;
}

/** The props of both panels. */
export interface PanelProps extends PhoneProps {
  readonly choices: PhoneChoices;
  readonly choose: (change: Partial<PhoneChoices>) => void;
}
