// What may have started is never run twice: the soak reads the file when all is over.
const { appendFileSync } = require("node:fs");

exports.handler = (context, event, callback) => {
  appendFileSync(context.ONCE_FILE, `${event.nonce}\n`);
  callback(null, `once ${event.nonce}`);
};
