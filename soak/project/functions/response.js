// The nonce arrives in three ways, and is returned in three.
exports.handler = (context, event, callback) => {
  const { headers, cookies } = event.request;
  const response = new Twilio.Response();
  response.setStatusCode(200);
  response.appendHeader("Content-Type", "text/plain");
  response.appendHeader("x-nonce", headers["x-nonce"]);
  response.setCookie("nonce", cookies.nonce);
  response.setBody(`response ${event.nonce}`);
  callback(null, response);
};
