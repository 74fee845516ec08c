exports.handler = (context, event, callback) => {
  callback(null, `${event.nonce};`.repeat(Number(event.times)));
};
