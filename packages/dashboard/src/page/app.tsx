import type { VNode } from "preact";

export function App(): VNode {
  return <main>Offhook</main>;
}
