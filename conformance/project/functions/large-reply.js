exports.handler = function (context, event, callback) {
  callback(null, "x".repeat(Number(event.kilobytes) * 1000));
};
