/** The gateway process: host names, the output of its last requests, and functions that do not load. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { test } from "node:test";
import { deployNew, makeDataFolder, startHosting, type NewVersion } from "../hosting.ts";

function answering(code: string): NewVersion[] {
  return [{ kind: "Functions", path: "/one", content: `exports.handler = (c, e, cb) => { ${code} };` }];
}

async function send(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write([...lines, "Connection: close", "", ""].join("\r\n"));
  return await textOf(socket);
}

/** The reply without what differs between all replies. */
const comparable = (reply: string): string =>
  reply.replaceAll(/RQ[0-9a-f]{32}/g, "RQ").replace(/^date: .*$/im, "date:");

test("a request reaches the service of its Host header, however the name is written", async (t) => {
  const hosting = await startHosting(t);
  const answer = "cb(null, c.DOMAIN_NAME)";
  const [shop, bank] = [
    (await deployNew(hosting, "shop", answering(answer))).domain,
    (await deployNew(hosting, "bank", answering(answer))).domain,
  ];
  for (const host of [shop, shop.toUpperCase(), `${shop}.`, `${shop}:8080`]) {
    assert.equal((await hosting.call(host, "/one")).text, shop, host);
  }
  const forwarded = { "x-forwarded-host": bank, forwarded: `host=${bank}` };
  assert.equal((await hosting.call(shop, "/one", { headers: forwarded })).text, shop);
  // The target names the host, in the absolute form (RFC 9112 §3.2.2).
  const absolute = await send(hosting.port, [`GET http://${bank}/one HTTP/1.1`, `Host: ${bank}`]);
  assert.match(absolute, new RegExp(`${bank}$`));
  const two = await send(hosting.port, ["GET /one HTTP/1.1", `Host: ${shop}`, `Host: ${bank}`]);
  assert.match(two, /^HTTP\/1\.1 400 /);
  assert.match(await send(hosting.port, ["GET /one HTTP/1.1"]), /^HTTP\/1\.1 400 /);
});

test("all unknown host names get the same reply", async (t) => {
  const hosting = await startHosting(t);
  const { service, domain } = await deployNew(hosting, "shop", answering("cb(null, 'here')"));
  const ask = async (host: string): Promise<string> =>
    comparable(await send(hosting.port, ["GET /one HTTP/1.1", `Host: ${host}`]));
  const unknown = await ask("nobody.example");
  assert.match(unknown, /^HTTP\/1\.1 404 /);
  assert.doesNotMatch(unknown, /nobody|shop/);
  for (const host of ["127.0.0.1", "functions.example", `x.${domain}`]) assert.equal(await ask(host), unknown, host);
  await hosting.api("DELETE", `/v1/Services/${service}`);
  assert.equal(await ask(domain), unknown);
});

test("the output of requests that end while the server stops is stored", async (t) => {
  const dataFolder = await makeDataFolder(t);
  const hosting = await startHosting(t, { dataFolder });
  const { service, environment, domain } = await deployNew(
    hosting,
    "shop",
    answering("setTimeout(() => { console.log('the last line'); cb(null, 'done'); }, 1000);"),
  );
  const reply = hosting.call(domain, "/one");
  // A second request is answered after the first one has arrived.
  await hosting.call(domain, "/nothing");
  await hosting.stop();
  assert.equal((await reply).text, "done");
  const next = await startHosting(t, { dataFolder, key: hosting.key });
  const { body } = await next.api("GET", `/v1/Services/${service}/Environments/${environment}/Logs`);
  assert.deepEqual(
    body.logs.map(({ message }: { message: string }) => message),
    ["the last line"],
  );
});
