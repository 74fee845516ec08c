// The handler's arguments as JSON, with facts beside them that JSON cannot express.
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
