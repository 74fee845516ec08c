exports.handler = (context, event, callback) => {
  callback(null, `webhook ${event.nonce}`);
};
