// Leaves a timer behind in each call.
exports.handler = function (context, event, callback) {
  setTimeout(() => {}, 60_000);
  return callback(null, { leaky: true });
};
