/** The Twilio CLI with its plugin, the libraries and the class that they share, unmodified. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { accountSid, authToken, startHosting } from "./hosting.ts";

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url));

test("the Twilio CLI deploys with its plugin, and reads the API", async (t) => {
  const hosting = await startHosting(t);
  const linked = await hosting.run("twilio", "plugins:link", join(modules, "@twilio-labs/plugin-serverless"));
  assert.equal(linked.code, 0, linked.output);
  const deployed = await hosting.run("twilio", "serverless:deploy", "--override-existing-project");
  assert.equal(deployed.code, 0, deployed.output);
  const [, domain = ""] = /domain\s+(\S+)/.exec(deployed.output) ?? [];
  assert.equal((await hosting.call(domain, "/hello?name=Ada")).text, "Good morning, Ada");
  // As a script of the Flex template finds the domain.
  const services = await hosting.run("twilio", "api:serverless:v1:services:list", "-o", "json");
  const [{ sid }] = jsonIn(services.output) as [{ sid: string }];
  const environments = await hosting.run(
    ...(["twilio", "api:serverless:v1:services:environments:list", "--service-sid", sid, "-o", "json"] as const),
  );
  const [{ domainName }] = jsonIn(environments.output) as [{ domainName: string }];
  assert.equal(domainName, domain);
  assert.deepEqual(hosting.problems, []);
  assert.deepEqual([...hosting.credentials], [hosting.ownCredentials]);
});

for (const library of ["twilio-5", "twilio-6"]) {
  test(`${library} reads and writes the API, page by page`, async (t) => {
    const hosting = await startHosting(t);
    await writeFile(
      join(hosting.project, "script.cjs"),
      `const client = require(${JSON.stringify(join(modules, library))})(${JSON.stringify(accountSid)}, ${JSON.stringify(authToken)});
      (async () => {
        const { services } = client.serverless.v1;
        const service = await services.create({ uniqueName: "library", friendlyName: "Library" });
        const { environments } = services(service.sid);
        for (const suffix of ["a", "b", "c"]) await environments.create({ uniqueName: suffix, domainSuffix: suffix });
        const all = await environments.list({ pageSize: 1 });
        const { variables } = environments(all[0].sid);
        await variables.create({ key: "WORD", value: "secret" });
        const [variable] = await variables.list();
        await environments(all[0].sid).remove();
        const refused = await services("ZS" + "0".repeat(32)).fetch().catch(({ status, code }) => ({ status, code }));
        console.log(JSON.stringify({ names: all.map((each) => each.uniqueName), value: variable.value, refused }));
      })();`,
    );
    const { output } = await hosting.run(process.execPath, "script.cjs");
    assert.deepEqual(jsonIn(output), {
      names: ["c", "b", "a"],
      value: "secret",
      refused: { status: 404, code: 20_404 },
    });
    assert.deepEqual(hosting.problems, []);
    assert.deepEqual([...hosting.credentials], [hosting.ownCredentials]);
  });
}

test("the class of @twilio-labs/serverless-api deploys", async (t) => {
  const hosting = await startHosting(t);
  await writeFile(
    join(hosting.project, "script.cjs"),
    `const { TwilioServerlessApiClient } = require(${JSON.stringify(join(modules, "@twilio-labs/serverless-api"))});
    const client = new TwilioServerlessApiClient({ username: ${JSON.stringify(accountSid)}, password: ${JSON.stringify(authToken)} });
    const content = "exports.handler = (context, event, callback) => callback(null, context.WORD);";
    client.deployProject({
      serviceName: "by-class", env: { WORD: "served" }, pkgJson: {}, functionsEnv: "dev", assets: [],
      functions: [{ name: "word", path: "/word", content, access: "public" }],
    }).then(({ domain }) => console.log(JSON.stringify({ domain })));`,
  );
  const { output } = await hosting.run(process.execPath, "script.cjs");
  const { domain } = jsonIn(output) as { domain: string };
  assert.equal((await hosting.call(domain, "/word")).text, "served");
  assert.deepEqual(hosting.problems, []);
});

/** The JSON in the output, which may begin with other lines. */
function jsonIn(output: string): unknown {
  const [text] = /[[{][\s\S]*[\]}]/.exec(output) ?? [""];
  return JSON.parse(text);
}
