// The server must never run an invocation twice. The soak reads this file at the end.
const { appendFileSync } = require("node:fs");

exports.handler = (context, event, callback) => {
  appendFileSync(context.ONCE_FILE, `${event.nonce}\n`);
  callback(null, `once ${event.nonce}`);
};
