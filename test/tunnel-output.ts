/**
 * The output of tunnels before they serve, by kind, with a public address filled in. It has the structure of the real
 * output, with all the other addresses in it.
 */
export type TunnelKind = keyof typeof tunnelOutput;

/** Each takes a host of the domain in `tunnelHosts`, and returns the output line by line. */
export const tunnelOutput = {
  cloudflared: (host: string, port: string) => [
    "2030-05-06T10:00:00Z INF Without an account a tunnel has no promise of uptime, see the terms (https://www.cloudflare.com/website-terms/). For production follow: https://developers.cloudflare.com/cloudflare-one/connections/connect-apps",
    "2030-05-06T10:00:00Z INF Requesting new quick Tunnel on trycloudflare.com...",
    "2030-05-06T10:00:03Z INF +--------------------------------------------------------------+",
    "2030-05-06T10:00:03Z INF |  Your quick Tunnel is there! Visit it at (this may take time):  |",
    `2030-05-06T10:00:03Z INF |  https://${host}                         |`,
    "2030-05-06T10:00:03Z INF +--------------------------------------------------------------+",
    `2030-05-06T10:00:03Z INF Settings: map[ha-connections:1 protocol:quic url:http://127.0.0.1:${port}]`,
    "2030-05-06T10:00:04Z INF Registered tunnel connection connIndex=0 location=fra08 protocol=quic",
  ],
  ngrok: (host: string, port: string) => [
    't=2030-05-06T10:00:00+0000 lvl=info msg="open config file" path=/home/a/.config/ngrok/ngrok.yml err=nil',
    't=2030-05-06T10:00:00+0000 lvl=info msg="starting web service" obj=web addr=127.0.0.1:4040 allow_hosts=[]',
    't=2030-05-06T10:00:01+0000 lvl=info msg="update available" see=https://ngrok.com/download',
    `t=2030-05-06T10:00:01+0000 lvl=info msg="started tunnel" obj=tunnels name=command_line addr=http://localhost:${port} url=https://${host}`,
  ],
  "ngrok as JSON": (host: string, port: string) => [
    '{"lvl":"info","msg":"client session established","obj":"tunnels.session"}',
    `{"addr":"http://localhost:${port}","lvl":"info","msg":"started tunnel","name":"command_line","url":"https://${host}"}`,
  ],
  localtunnel: (host: string) => [`your url is: https://${host}`],
  "localhost.run": (host: string) => [
    "===============================================================================",
    "Welcome! To set up and manage custom domains go to https://admin.localhost.run/",
    "More details at https://localhost.run/docs/custom-domains",
    "===============================================================================",
    "** your connection id is 0123, please mention it. **",
    "",
    `${host} tunneled with tls termination, https://${host}`,
    "for a longer lasting name see https://localhost.run/docs/forever-free/",
  ],
  serveo: (host: string) => [`\u001b[32mForwarding HTTP traffic from https://${host}\u001b[0m`],
  pinggy: (host: string) => [
    "You are not authenticated. Get more from https://dashboard.pinggy.io",
    `http://${host}`,
    `https://${host}`,
  ],
  tailscale: (host: string, port: string) => [
    "Available on the internet:",
    "",
    `https://${host}/`,
    `|-- proxy http://127.0.0.1:${port}`,
    "",
    "Press Ctrl+C to exit.",
  ],
  devtunnel: (host: string, port: string) => [
    `Hosting port: ${port}`,
    `Connect via browser: https://${host.replace("-3000", "")}:3000, https://${host}`,
    `Inspect network activity: https://${host.replace(".", "-inspect.")}`,
    "Ready to accept connections for tunnel: quick-hill-1",
  ],
  "of one's own": (host: string) => [`Manual: https://docs.example.com`, `Forwarding  https://${host} -> localhost`],
} as const satisfies Record<string, (host: string, port: string) => readonly string[]>;

export const tunnelHosts: Readonly<Record<TunnelKind, string>> = {
  cloudflared: "some-random-words.trycloudflare.com",
  ngrok: "1a2b-3c.ngrok-free.app",
  "ngrok as JSON": "1a2b-3c.eu.ngrok.io",
  localtunnel: "funny-cat-1.loca.lt",
  "localhost.run": "0a1b2c3d4e.lhr.life",
  serveo: "abc.serveo.net",
  pinggy: "rnabc-1.a.free.pinggy.link",
  tailscale: "laptop.tail1234.ts.net",
  devtunnel: "abc123-3000.euw.devtunnels.ms",
  "of one's own": "hooks.example.com",
};
