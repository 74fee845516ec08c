exports.handler = function (context, event, callback) {
  setTimeout(() => callback(null, { waited: Number(event.ms) }), Number(event.ms));
};
