exports.handler = function (context, event, callback) {
  callback(null, "loaded");
};

throw new Error("thrown while loading");
