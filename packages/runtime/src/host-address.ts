/** Hosts and ports in the form that URLs use. This file imports nothing. */

/** `localhost:3000`, `[::1]:3000`: an IPv6 address is put in brackets. */
export function authorityOf(host: string, port: number | string): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The address at which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

/** Whether the address leads to this machine only. IPv4 addresses may be written as IPv6. */
export function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}
