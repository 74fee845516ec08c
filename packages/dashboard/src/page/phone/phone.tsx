import type { VNode } from "preact";

import type { Project, SendRequest, Sent, Simulation } from "../../api.ts";

export function Phone({
  project,
}: {
  readonly project: Project;
  readonly simulations: readonly Simulation[];
  readonly send: (request: SendRequest) => Promise<Sent>;
  readonly onExchange?: (id: string) => void;
}): VNode {
  return <p>A phone for {project.name}.</p>;
}
