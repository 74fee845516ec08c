exports.handler = (context, event, callback) => {
  callback(null, `form ${event.nonce} ${event.text}`);
};
