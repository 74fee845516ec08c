// `rounds` fixes the amount of work, so that a slower server takes longer. A fixed time would hide that.
exports.handler = function (context, event, callback) {
  let state = 1;
  for (let round = Number(event.rounds); round > 0; round -= 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return callback(null, { burnt: state });
};
