/**
 * Loads the isolate. Our imports name their files exactly, so Node need not search for them: that is a tenth of an
 * isolate's start.
 */
const { registerHooks } = process.getBuiltinModule("node:module");

const isSource = import.meta.url.endsWith(".ts");
const extension = isSource ? ".ts" : ".js";
const format = isSource ? "module-typescript" : "module";

const hooks = registerHooks({
  resolve(specifier, context, next) {
    if (!specifier.startsWith(".") || !specifier.endsWith(extension)) return next(specifier, context);
    return { url: new URL(specifier, context.parentURL).href, format, shortCircuit: true };
  },
});
await import(`./entry${extension}`);
// The imports of user code are Node's.
hooks.deregister();
