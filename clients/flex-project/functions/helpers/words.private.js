exports.word = "protected";
