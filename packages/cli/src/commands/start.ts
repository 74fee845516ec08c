import { command } from "../command.ts";

export default command({
  usage: "[folder] [options]",
  positionals: ["folder"],
  about: "Serves the functions and assets of a project folder.",
  options: {},
  settings: "all",
  exitCodes: ["ok", "internal", "usage", "project", "address", "node"],
  async run({ positionals: [folder = "."], flags }, surroundings) {
    const [{ start }, { serve }] = await Promise.all([import("../start.ts"), import("../serving.ts")]);
    return await serve(start, folder, flags, surroundings);
  },
});
