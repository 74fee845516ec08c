// Measures time and not work, so that the duration does not depend on other loops.
exports.handler = (context, event, callback) => {
  const end = Date.now() + Number(event.ms);
  while (Date.now() < end);
  callback(null, `burn ${event.nonce}`);
};
