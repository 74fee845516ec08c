// `.protected` in the file's name: the signature is checked before this runs.
exports.handler = function (context, event, callback) {
  console.log(`Message ${event.MessageSid} is ${event.MessageStatus}`);
  return callback(null, { received: event.MessageStatus });
};
