const cases = {
  async: async (callback) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    callback(null, "awaited");
  },
  undefined: (callback) => callback(undefined, "x"),
  twice: (callback) => {
    callback(null, "a");
    callback(null, "b");
  },
  never: () => {},
  returns: async () => "returned",
  rejects: () => {
    Promise.reject(new Error("nobody caught this rejection"));
  },
};

exports.handler = function (context, event, callback) {
  return cases[event.case](callback);
};
