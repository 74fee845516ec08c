exports.handler = function (context, event, callback) {
  const client = context.getTwilioClient();
  callback(null, { accountSid: client.accountSid });
};
