import os from "os";

export const handler = function (context, event, callback) {
  callback(null, `imported ${typeof os}`);
};
