const { path } = Runtime.getFunctions()["helpers/words"];

exports.handler = (context, event, callback) => callback(null, require(path).word);
