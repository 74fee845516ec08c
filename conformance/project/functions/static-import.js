import os from "os";

exports.handler = function (context, event, callback) {
  callback(null, `imported ${typeof os}`);
};
