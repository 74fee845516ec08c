import type { ComponentChildren, VNode } from "preact";

import { codeUrl } from "./docs-links.ts";
import { visibleText } from "./visible-text.ts";

interface OutsideLinkProps {
  readonly href: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A link out of the dashboard. The other site does not learn where the user came from. */
export function OutsideLink({ href, class: name, children }: OutsideLinkProps): VNode {
  return (
    <a href={href} class={name} target="_blank" rel="noreferrer noopener">
      {children}
    </a>
  );
}

/** An error code that links to its documentation. */
export function CodeLink({ code }: { readonly code: string | number }): VNode {
  const href = codeUrl(code);
  const text = <code>{visibleText(String(code))}</code>;
  return href === undefined ? text : <OutsideLink href={href}>{text}</OutsideLink>;
}
