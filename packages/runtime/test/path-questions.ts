/**
 * A function that calls every API of Node that takes a path, each with the same few paths, and reports each answer. It
 * finds the APIs in Node's exports, so new versions of Node are covered automatically.
 */

/** `event.paths` is a list as JSON. For each API, the reply has the answers in the same order. */
export const pathQuestions = {
  "functions/ask-paths.js": `
const fs = require("fs");
const os = require("os");
const path = require("path");
const nodeModule = require("module");
const net = require("net");

let count = 0;
const own = (name) => path.join(os.tmpdir(), name + count++);
const madeOwn = () => {
  const file = own("file");
  fs.writeFileSync(file, "x");
  return file;
};
/** A value counts as an answer, just as an error does. */
const tell = (value) => { throw { code: "value " + String(value) }; };
const opened = (thing, ...events) => new Promise((resolve, reject) => {
  thing.on("error", reject);
  for (const event of events) thing.once(event, () => { (thing.destroy ?? thing.close)?.call(thing); resolve(); });
});

/** Arguments after the path, for functions that need more than one. */
const more = {
  writeFile: () => ["x"], appendFile: () => ["x"], chmod: () => [0o600], lchmod: () => [0o600], chown: () => [1, 1],
  lchown: () => [1, 1], utimes: () => [1, 1], lutimes: () => [1, 1], truncate: () => [0], copyFile: () => [own("copy")],
  cp: () => [own("cp"), { recursive: true }], rename: () => [own("renamed")], link: () => [own("link")],
  symlink: () => [own("symlink")],
};
/** Functions that take a second path. */
const pairs = ["copyFile", "cp", "rename", "link", "symlink"];
/** Functions that take a descriptor, or have a question of their own below. */
const others = /^(_|[A-Z])|^(close|read|readv|write|writev|f(chmod|chown|datasync|stat|sync|truncate|utimes))(Sync)?$|^(unwatchFile|watch|watchFile|exists|glob|createReadStream|createWriteStream|openAsBlob)$/;

const questions = {};
for (const [name, ask] of Object.entries(fs)) {
  if (typeof ask !== "function" || others.test(name)) continue;
  const base = name.replace(/Sync$/, "");
  const args = more[base] ?? (() => []);
  const isSync = name.endsWith("Sync");
  const call = (...given) => isSync ? ask(...given) : new Promise((resolve, reject) =>
    ask(...given, (error, value) => (error ? reject(error) : resolve(value))));
  questions["fs." + name] = (file) => call(file, ...args());
  if (pairs.includes(base)) questions["fs." + name + " to"] = (file) => call(madeOwn(), file);
}
for (const [name, ask] of Object.entries(fs.promises)) {
  if (typeof ask !== "function" || name === "watch" || name === "glob") continue;
  const args = more[name] ?? (() => []);
  questions["fs.promises." + name] = (file) => ask(file, ...args());
  if (pairs.includes(name)) questions["fs.promises." + name + " to"] = (file) => ask(madeOwn(), file);
}
Object.assign(questions, {
  "fs.realpath.native": (file) => new Promise((resolve, reject) => fs.realpath.native(file, (e) => (e ? reject(e) : resolve()))),
  "fs.realpathSync.native": (file) => fs.realpathSync.native(file),
  "fs.realpathSync of bytes": (file) => fs.realpathSync(Buffer.from(file)),
  "fs.realpathSync of a URL": (file) => fs.realpathSync(require("url").pathToFileURL(file)),
  "fs.realpathSync by the way of the project": (file) => fs.realpathSync(path.relative(process.cwd(), file)),
  "fs.existsSync": (file) => tell(fs.existsSync(file)),
  "fs.exists": (file) => new Promise((_, reject) => fs.exists(file, (is) => reject({ code: String(is) }))),
  "fs.statSync without throwing": (file) => tell(fs.statSync(file, { throwIfNoEntry: false })),
  "fs.rmSync with force": (file) => fs.rmSync(file + "/x", { force: true, recursive: true }),
  "fs.mkdirSync recursive": (file) => fs.mkdirSync(file, { recursive: true }),
  "fs.readdirSync recursive": (file) => fs.readdirSync(file, { recursive: true }),
  "fs.createReadStream": (file) => opened(fs.createReadStream(file), "open"),
  "fs.createWriteStream": (file) => opened(fs.createWriteStream(file, { flags: "a" }), "open"),
  "fs.openAsBlob": async (file) => (await fs.openAsBlob(file)).text(),
  "fs.watch": (file) => fs.watch(file).on("error", () => {}).close(),
  "fs.promises.watch": async (file) => {
    for await (const _ of fs.promises.watch(file, { signal: AbortSignal.timeout(30) }));
  },
  "fs.watchFile": (file) => new Promise((resolve, reject) => {
    const onStat = ({ size, mtimeMs }) => { fs.unwatchFile(file); reject({ code: size + " " + mtimeMs }); };
    fs.watchFile(file, { interval: 10 }, onStat);
    setTimeout(() => { fs.unwatchFile(file); resolve(); }, 100);
  }),
  "fs.glob": (file) => new Promise((_, reject) => fs.glob(file, (e, found) => reject({ code: e?.code ?? found.length }))),
  "fs.globSync": (file) => tell(fs.globSync(file).length),
  "fs.globSync in a folder": (file) => tell(fs.globSync(path.basename(file), { cwd: path.dirname(file) }).length),
  "fs.globSync of all": (file) => tell(fs.globSync(file + "/*", { withFileTypes: true }).length),
  "fs.promises.glob": async (file) => {
    const found = [];
    for await (const each of fs.promises.glob(file)) found.push(each);
    tell(found.length);
  },
  "process.chdir": (file) => process.chdir(file),
  "process.loadEnvFile": (file) => process.loadEnvFile(file),
  "process.dlopen": (file) => process.dlopen({ exports: {} }, file),
  "process.execve": (file) => process.execve(file, [], {}),
  "process.report": (file) => process.report.writeReport(file),
  "process.permission": (file) => tell(process.permission.has("fs.read", file)),
  "v8.writeHeapSnapshot": (file) => require("v8").writeHeapSnapshot(file),
  require: (file) => require(file),
  "require.resolve": (file) => require.resolve(file),
  "require.resolve with paths": (file) => require.resolve("./" + path.basename(file), { paths: [path.dirname(file)] }),
  "require.resolve of a package": (file) => require.resolve(path.basename(file), { paths: [path.dirname(file)] }),
  "createRequire().resolve": (file) => nodeModule.createRequire(path.dirname(file) + "/x.js").resolve(file),
  "createRequire() for a package": (file) => nodeModule.createRequire(file + "/x.js").resolve("inner"),
  "createRequire() for its own package": (file) => nodeModule.createRequire(file + "/x.js").resolve("outside"),
  import: (file) => import(file),
  "import of a URL": (file) => import(require("url").pathToFileURL(file).href),
  "import of an escaped URL": (file) => import("file://" + file.replaceAll("e", "%65")),
  "import relative": (file) => import(path.relative(__dirname, file)),
  "a package's main": (file) => {
    const folder = own("package");
    fs.mkdirSync(folder + "/node_modules/leak", { recursive: true });
    fs.writeFileSync(folder + "/node_modules/leak/package.json", JSON.stringify({ name: "leak", main: path.relative(folder + "/node_modules/leak", file) }));
    fs.writeFileSync(folder + "/asks.js", "exports.resolve = () => require.resolve('leak'); exports.import = () => import('leak');");
    return require(folder + "/asks.js").resolve();
  },
  "a package's main, imported": (file) => {
    const folder = own("package");
    fs.mkdirSync(folder + "/node_modules/leak", { recursive: true });
    fs.writeFileSync(folder + "/node_modules/leak/package.json", JSON.stringify({ name: "leak", main: path.relative(folder + "/node_modules/leak", file) }));
    fs.writeFileSync(folder + "/asks.js", "exports.import = () => import('leak');");
    return require(folder + "/asks.js").import();
  },
  "module.findPackageJSON": (file) => tell(nodeModule.findPackageJSON(require("url").pathToFileURL(file).href)),
  "module.findPackageJSON above": (file) => tell(nodeModule.findPackageJSON("..", file + "/x.js")),
  "module.findPackageJSON of a package": (file) => tell(nodeModule.findPackageJSON("inner", file + "/x.js")),
  "Module._findPath": (file) => tell(nodeModule._findPath(file, ["/"])),
  "Module._load": (file) => nodeModule._load(file),
  "Module._stat": (file) => tell(nodeModule._stat(file)),
  "Module._extensions": (file) => nodeModule._extensions[".js"](new nodeModule("x"), file),
  "new Module().load": (file) => new nodeModule("x").load(file),
  "net.connect": (file) => opened(net.connect(file), "connect"),
  "net.connect with options": (file) => opened(net.connect({ path: file }), "connect"),
  "http.request": (file) => opened(require("http").request({ socketPath: file }), "response"),
  "tls.connect": (file) => opened(require("tls").connect({ path: file }), "secureConnect"),
  "listen": (file) => opened(net.createServer().listen(file), "listening"),
  "listen with options": (file) => opened(net.createServer().listen({ path: file + ".sock" }), "listening"),
  "listen by HTTP": (file) => opened(require("http").createServer().listen(file + "/in.sock"), "listening"),
  "a handle of a socket": (file) => new Promise((resolve, reject) => {
    const name = own("s");
    const server = net.createServer().listen(name, () => {
      const { constructor: Pipe } = server._handle;
      server.close();
      const code = new Pipe(1).bind(file);
      reject({ code });
    });
  }),
  "child_process.spawnSync": (file) => require("child_process").spawnSync(file),
  "new Worker": (file) => new (require("worker_threads").Worker)(file),
  "tls engine": (file) => require("crypto").setEngine(file),
});

process.on("unhandledRejection", () => {});
exports.handler = async (context, event, callback) => {
  const paths = JSON.parse(event.paths);
  const answers = {};
  for (const [name, ask] of Object.entries(questions)) {
    answers[name] = [];
    for (const file of paths) {
      const answer = await Promise.race([
        (async () => ask(file))().then(() => "done", (error) => String(error?.code ?? error?.message ?? error)),
        new Promise((resolve) => setTimeout(resolve, 1_000, "nothing")),
      ]);
      answers[name].push(answer.replaceAll(file, "PATH").replaceAll(path.dirname(file), "FOLDER"));
    }
  }
  callback(null, answers);
};`,
};
