const { readFile } = require("node:fs/promises");
const { setImmediate: turn } = require("node:timers/promises");

exports.handler = async (context, event, callback) => {
  await turn();
  const text = await readFile(__filename, "utf8");
  await turn();
  const seen = await Promise.all([1, 2, 3].map(async (number) => (await turn(), number)));
  callback(null, `awaits ${event.nonce} ${seen.join("")} ${text.length > 0}`);
};
