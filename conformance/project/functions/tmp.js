const fs = require("fs");
const path = require("path");

exports.handler = function (context, event, callback) {
  const folder = fs.mkdtempSync(path.join("/tmp", "functions-conformance-"));
  const file = path.join(folder, "note.txt");
  fs.writeFileSync(file, "kept for one call");
  const text = fs.readFileSync(file, "utf8");
  fs.rmSync(folder, { recursive: true });
  callback(null, text);
};
