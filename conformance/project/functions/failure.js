const errors = { text: "bad", object: { a: 1 }, error: new Error("x"), empty: "", zero: 0, false: false };

exports.handler = function (context, event, callback) {
  if (event.case === "throw") throw new TypeError("x");
  callback(errors[event.case], "no error");
};
