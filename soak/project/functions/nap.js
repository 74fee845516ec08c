exports.handler = (context, event, callback) => {
  setTimeout(() => callback(null, `nap ${event.nonce}`), Number(event.ms));
};
