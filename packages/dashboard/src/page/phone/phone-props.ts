/**
 * The props of the phone and of its two panels.
 */
import type { VNode } from "preact";

import type { Project, Simulation } from "../../api.ts";
import type { Send } from "./call-controller.ts";
import type { PhoneChoices } from "./phone-choices.ts";

export interface PhoneProps {
  readonly project: Project;
  readonly simulations: readonly Simulation[];
  readonly send: Send;
  /** Makes a local file available to functions. @returns its URL. */
  readonly offerFile?: (file: Blob) => Promise<string>;
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
