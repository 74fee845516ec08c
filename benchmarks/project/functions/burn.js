// As much work as `rounds` says, so that a slower server takes longer; a clock would hide that.
exports.handler = function (context, event, callback) {
  let state = 1;
  for (let round = Number(event.rounds); round > 0; round -= 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return callback(null, { burnt: state });
};
