// What the handler was given, as JSON, with what JSON cannot say beside it.
exports.handler = function (context, event, callback) {
  const { request, ...parameters } = event;
  callback(null, {
    parameters,
    request,
    types: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, typeof value])),
    hasOwnProperty: typeof event.hasOwnProperty,
    polluted: {}.polluted === undefined && [].polluted === undefined ? "no" : "yes",
  });
};
