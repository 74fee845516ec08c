// Shared code that also has a handler. A server that gives it a URL would disclose the text.
exports.shout = (text) => `${text}!`;

exports.handler = function (context, event, callback) {
  callback(null, "private function disclosed");
};
