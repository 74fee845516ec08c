exports.handler = function (context, event, callback) {
  return callback(null, { received: event });
};
