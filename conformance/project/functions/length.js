exports.handler = function (context, event, callback) {
  callback(null, `length ${event.a.length}`);
};
