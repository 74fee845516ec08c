/**
 * What the phone is given, and what it gives to its halves.
 */
import type { VNode } from "preact";

import type { Project, Simulation } from "../../api.ts";
import type { Send } from "./call-controller.ts";
import type { PhoneChoices } from "./phone-choices.ts";

export interface PhoneProps {
  readonly project: Project;
  readonly simulations: readonly Simulation[];
  readonly send: Send;
  /** Somebody wants to see a request that the phone has made. */
  readonly onExchange?: (id: string) => void;
  /** Draws a request in one line, to be listed beside a conversation. */
  readonly requestLine?: (id: string) => VNode;
}

/** What both halves of the phone are given. */
export interface PanelProps extends PhoneProps {
  readonly choices: PhoneChoices;
  readonly choose: (change: Partial<PhoneChoices>) => void;
}
