exports.handler = (context, event, callback) => {
  callback(null, { nonce: event.nonce, doubled: event.numbers.map((number) => number * 2), text: event.text });
};
