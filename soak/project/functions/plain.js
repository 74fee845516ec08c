exports.handler = (context, event, callback) => {
  callback(null, `plain ${event.nonce} ${context.GENERATION}`);
};
