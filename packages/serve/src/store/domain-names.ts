/**
 * The host names of environments: `<domain base>[-<suffix>].<base domain>`. The first label is unique on the server, and
 * its row in `domain` has the kind `own`. Custom names have dots, so both kinds can share the table.
 */

/** In characters (RFC 1035). */
export const maxLabelLength = 63;

export function domainLabelOf(domainBase: string, suffix: string): string {
  return (suffix === "" ? domainBase : `${domainBase}-${suffix}`).toLowerCase();
}

/** Milliseconds for which a released name stays reserved for its account. */
export const reservationMs = 30 * 24 * 60 * 60_000;

/** With the port of the base domain, if it has one. */
export function domainNameOf(domainBase: string, suffix: string, baseDomain: string): string {
  return `${domainLabelOf(domainBase, suffix)}.${baseDomain}`;
}
