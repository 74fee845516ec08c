exports.handler = (context, event, callback) => {
  setTimeout(() => callback(null, `timer ${event.nonce}`), Number(event.ms));
};
