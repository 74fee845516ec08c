exports.handler = (context, event, callback) => {
  let sum = 0;
  for (let index = 0; index < event.text.length; index += 1) sum = (sum * 31 + event.text.charCodeAt(index)) >>> 0;
  callback(null, `sum ${event.nonce} ${event.text.length} ${sum}`);
};
