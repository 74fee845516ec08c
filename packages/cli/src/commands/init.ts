/**
 * `offhook init`: a project to begin with.
 */
import { command } from "../command.ts";
import { languages, templateNames } from "../scaffold/template-names.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Makes a project with a function that works, its test, and the scripts to serve it.

In a folder that has something already, what is there stays as it is: files are kept, and package.json,
.gitignore and .env get what they lack. A folder that has functions gets no template unless you name one.
Who has a terminal and names no template is asked.`,
  options: {
    template: {
      kind: "text",
      short: "t",
      choices: templateNames,
      description:
        "What to begin with: sms answers messages, voice is a phone menu, studio is for the Run Function widget, flex for a Flex plugin, api is JSON with a page. Usually sms.",
    },
    language: {
      kind: "text",
      choices: languages,
      description: "js is CommonJS, as hosted Functions take it; ts is TypeScript with ES modules. Usually js.",
    },
    typescript: { kind: "switch", description: "The same as --language ts." },
    json: { kind: "switch", description: "Print what was done as one line of JSON, and ask nothing." },
  },
  settings: [],
  notes: `Examples:
  offhook init my-replies
  offhook init my-menu --template voice --typescript
  cd a-project-for-twilio-run && offhook init`,
  exitCodes: ["ok", "internal", "usage", "project", "node"],
  async run(input, context) {
    const { init } = await import("../init/init.ts");
    return await init(input, context);
  },
});
