// Private: it has no URL. Other functions load it with require(Runtime.getFunctions()["{{name}}"].path).
exports.greet = (name) => `Hello, ${name}`;
