exports.handler = function (context, event, callback) {
  callback(null, {
    path: context.PATH,
    domainName: context.DOMAIN_NAME,
    serviceSid: context.SERVICE_SID,
    environmentSid: context.ENVIRONMENT_SID,
    a: context.A,
    greeting: context.GREETING,
    processEnvA: process.env.A,
    hasAuthToken: context.AUTH_TOKEN !== undefined && context.AUTH_TOKEN !== null,
    timezoneOffset: new Date("2026-07-01T00:00:00Z").getTimezoneOffset(),
  });
};
