// The package exists only as an ES module. The client that starts this project puts it into node_modules.
exports.handler = async function (context, event, callback) {
  try {
    const { greeting } = await import("functions-conformance-esm");
    callback(null, { greeting });
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    callback(null, { missing: true });
  }
};
