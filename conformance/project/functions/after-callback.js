// Replies, and leaves work behind that would make a mark later.
const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

exports.handler = function (context, event, callback) {
  const id = String(event.id).replace(/[^\w-]/g, "");
  const file = path.join(os.tmpdir(), `functions-conformance-${id}`);
  const leave = () => fs.writeFileSync(file, "ran");
  if (event.way === "child") {
    const script = `setTimeout(() => require("fs").writeFileSync(${JSON.stringify(file)}, "ran"), 300)`;
    spawn(process.execPath, ["-e", script], { stdio: "ignore" }).unref();
  }
  callback(null, "a");
  if (event.way === "timeout") setTimeout(leave, 300);
  if (event.way === "interval") setInterval(leave, 300);
};
