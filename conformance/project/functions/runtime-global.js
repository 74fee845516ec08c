const atModuleScope = Object.keys(Runtime.getFunctions());

exports.handler = function (context, event, callback) {
  const functions = Runtime.getFunctions();
  const assets = Runtime.getAssets();
  const answers = {
    functions: () => Object.keys(functions),
    "module-scope": () => atModuleScope,
    "require-function": () => require(functions.lib.path).shout("shared"),
    assets: () => Object.keys(assets),
    open: () => assets["/b.txt"].open(),
    "asset-path": () => require("fs").readFileSync(assets["/b.txt"].path, "utf8"),
    "require-asset": () => require(assets["/m.js"].path).answer,
  };
  callback(null, { answer: answers[event.case]() });
};
