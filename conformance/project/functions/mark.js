// Leaves a file that `marked` can find: evidence that a handler ran.
const fs = require("fs");
const os = require("os");
const path = require("path");

exports.handler = function (context, event, callback) {
  const id = String(event.id).replace(/[^\w-]/g, "");
  fs.writeFileSync(path.join(os.tmpdir(), `functions-conformance-${id}`), "ran");
  callback(null, "marked");
};
