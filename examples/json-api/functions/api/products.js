// GET /api/products?search=tea
const { search } = require(Runtime.getFunctions().catalogue.path);

exports.handler = function (context, event, callback) {
  return callback(null, search(event.search || ""));
};
