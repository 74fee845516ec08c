const farAway = () => new Date(Date.now() + 48 * 3600 * 1000).toUTCString();

const cases = {
  plain: (r) => r.setCookie("a", "1"),
  attributes: (r) => r.setCookie("a", "1", ["SameSite=Lax", "Max-Age=60"]),
  domain: (r) => r.setCookie("a", "1", ["Domain=example.com"]),
  "too-old": (r) => r.setCookie("a", "1", ["Max-Age=86401"]),
  "expires-too-late": (r) => r.setCookie("a", "1", [`Expires=${farAway()}`]),
  "a-day": (r) => r.setCookie("a", "1", ["Max-Age=86400"]),
  "max-age-wins": (r) => r.setCookie("a", "1", [`Expires=${farAway()}`, "Max-Age=60"]),
  remove: (r) => r.removeCookie("a"),
  "set-remove": (r) => r.setCookie("a", "1").removeCookie("a"),
  two: (r) => r.setCookie("a", "1").setCookie("b", "2"),
  "by-header": (r) => r.setHeaders({ "set-cookie": "a=1" }),
};

exports.handler = function (context, event, callback) {
  const response = new Twilio.Response();
  cases[event.case](response);
  response.setBody("cookies");
  callback(null, response);
};
