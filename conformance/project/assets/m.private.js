// Code in a private asset.
exports.answer = 42;
