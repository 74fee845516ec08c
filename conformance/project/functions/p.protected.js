const fs = require("fs");
const os = require("os");
const path = require("path");

exports.handler = function (context, event, callback) {
  if (event.id) {
    const id = String(event.id).replace(/[^\w-]/g, "");
    fs.writeFileSync(path.join(os.tmpdir(), `functions-conformance-${id}`), "ran");
  }
  const { request, ...parameters } = event;
  callback(null, { ran: "protected", signature: request?.headers["x-twilio-signature"], parameters });
};
