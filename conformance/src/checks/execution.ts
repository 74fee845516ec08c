import { NotVisible, type CheckGroup } from "../check.ts";
import { describe, expectSame, expectStatus, expectText, expectThat, objectOf } from "../expectations.ts";

export const execution: CheckGroup = {
  section: "§11 Packages, modules and the file system",
  checks: [
    {
      row: 187,
      title: "twilio can be required without being a dependency",
      confidence: "documented",
      expects: 'require("twilio") works',
      run: async (client) => {
        const seen = objectOf(await client.get("/twilio-package"));
        expectSame(seen["function"], "function", "typeof require('twilio')");
        expectThat(String(seen["twiml"]).includes("<Response"), `TwiML is ${JSON.stringify(seen["twiml"])}`);
      },
    },
    {
      row: 188,
      title: "An ES module can be imported dynamically",
      confidence: "documented",
      expects: "await import() of a package that is an ES module works",
      run: async (client) => {
        const seen = objectOf(await client.get("/dynamic-import"));
        // The package is only certain to exist if this client made the project's copy.
        if (seen["missing"] === true && !client.options.arranged) {
          throw new NotVisible("the package functions-conformance-esm is not installed there");
        }
        expectSame(seen["greeting"], "hello from a module", "greeting");
      },
    },
    {
      row: 189,
      title: "A static import in a .js file is an error at load",
      confidence: "documented",
      expects: "500, for exports.handler and for export const handler. If a target says that it runs both: success",
      run: async (client) => {
        if (client.options.differsIn?.includes(189)) {
          expectText(await client.get("/static-import"), "imported object");
          expectText(await client.get("/static-export"), "imported object");
          return;
        }
        expectStatus(await client.get("/static-import"), 500);
        const exported = await client.get("/static-export");
        expectThat(exported.status === 500, `with export const handler: ${describe(exported)}; expected status 500`);
      },
    },
    {
      row: 191,
      title: "/tmp can be written and read",
      confidence: "documented",
      expects: "what was written, within one call",
      run: async (client) => expectText(await client.get("/tmp"), "kept for one call"),
    },
  ],
};
