exports.handle = function (context, event, callback) {
  callback(null, "not a handler");
};
