// Are we open? Public: the answer is not secret. `at` (ISO 8601) chooses another moment.
const opensAt = 9;
const closesAt = 17;

exports.handler = function (context, event, callback) {
  const at = event.at ? new Date(event.at) : new Date();
  if (Number.isNaN(at.getTime())) return callback("`at` is not a date");

  // The clock of a function is UTC.
  const isWorkday = at.getUTCDay() >= 1 && at.getUTCDay() <= 5;
  const open = isWorkday && at.getUTCHours() >= opensAt && at.getUTCHours() < closesAt;
  return callback(null, {
    open,
    message: open ? "We are open." : "We are closed. Call again on a workday from 9 to 17 UTC.",
  });
};
