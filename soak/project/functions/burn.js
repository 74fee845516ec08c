// By the clock and not by work done: how long it takes does not depend on who else burns.
exports.handler = (context, event, callback) => {
  const end = Date.now() + Number(event.ms);
  while (Date.now() < end);
  callback(null, `burn ${event.nonce}`);
};
