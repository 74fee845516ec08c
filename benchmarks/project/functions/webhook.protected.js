exports.handler = function (context, event, callback) {
  return callback(null, { accepted: event.MessageSid });
};
