const cases = {
  plain: (r) => r.setBody("x"),
  status: (r) => r.setStatusCode(418).setBody("short and stout"),
  "no-content": (r) => r.setStatusCode(204),
  redirect: (r) => r.setStatusCode(301).appendHeader("Location", "https://example.com/elsewhere"),
  "json-object": (r) => r.appendHeader("Content-Type", "application/json").setBody({ a: 1 }),
  "json-string": (r) => r.appendHeader("Content-Type", "application/json").setBody('{"a":1}'),
  "json-lower-case": (r) => r.appendHeader("content-type", "application/json").setBody({ a: 1 }),
  "object-untyped": (r) => r.setBody({ a: 1 }),
  buffer: (r) => r.appendHeader("Content-Type", "audio/mpeg").setBody(Buffer.from([0, 255, 128, 10, 13, 195])),
  "append-twice": (r) => r.appendHeader("x-list", "a").appendHeader("x-list", "b").setBody("x"),
  "append-array": (r) => r.appendHeader("x-list", ["a", "b"]).setBody("x"),
  "set-headers": (r) => {
    r.appendHeader("x-first", "1");
    r.setHeaders({ "x-second": "2" });
    r.setBody("x");
  },
  "object-header": (r) => {
    try {
      r.appendHeader("x-object", {});
      r.setBody("accepted");
    } catch (error) {
      r.setBody(`threw: ${error.message}`);
    }
  },
  chained: (r) => r.setStatusCode(201).setBody("x").appendHeader("x-chained", "yes"),
  "large-headers": (r) => {
    for (let i = 0; i < 16; i++) r.appendHeader(`x-large-${i}`, "h".repeat(1000));
    r.setBody("x");
  },
};

exports.handler = function (context, event, callback) {
  const response = new Twilio.Response();
  cases[event.case](response);
  callback(null, response);
};
