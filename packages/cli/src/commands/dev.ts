import { command } from "../command.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: `Serves the functions and assets of a project folder to their author: like start, with the same limits and
signatures, but what changes in the folder is live at the next request, each request has a line in the
log (--no-access-log turns that off), and errors are answered with their stack, in a
browser with a page.`,
  options: {},
  settings: "all",
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags }, surroundings) {
    const [{ dev }, { serve }] = await Promise.all([import("../dev/dev.ts"), import("../serving.ts")]);
    return await serve(dev, folder, flags, surroundings);
  },
});
