// A string is sent as plain text.
exports.handler = function (context, event, callback) {
  return callback(null, "Hello, World");
};
