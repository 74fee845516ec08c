exports.handler = (context, event, callback) => {
  console.log(`Hello to ${event.name}`);
  callback(null, `${context.GREETING}, ${event.name}`);
};
