/**
 * `offhook init`: creates a project.
 */
import { command } from "../command.ts";
import { languages, templateNames } from "../scaffold/template-names.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Creates a project with a working function, a test for it, and scripts to serve it.

In a folder that is not empty, your files stay as they are. Only package.json, .gitignore and .env get
their missing lines. A folder that has functions gets a template only if you name one.
In a terminal, init asks for the template unless you name one.`,
  examples: [
    "offhook init my-replies",
    "offhook init my-menu --template voice --typescript",
    "cd a-project-for-twilio-run && offhook init",
  ],
  options: {
    template: {
      kind: "text",
      short: "t",
      choices: templateNames,
      description:
        "The template: sms answers messages, voice is a phone menu, studio is for the Run Function widget, flex is for a Flex plugin, api is JSON with a page. [sms]",
    },
    language: {
      kind: "text",
      choices: languages,
      description: "js is CommonJS, as on hosted Functions; ts is TypeScript with ES modules. [js]",
    },
    typescript: { kind: "switch", description: "The same as --language ts." },
    json: { kind: "switch", description: "Print the result as one line of JSON, and ask nothing." },
  },
  settings: [],
  exitCodes: ["ok", "internal", "usage", "project", "node"],
  async run(input, context) {
    const { init } = await import("../init/init.ts");
    return await init(input, context);
  },
});
