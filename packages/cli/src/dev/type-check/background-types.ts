/**
 * Starts the type check of `dev`: after the first reply or the first change, so that it delays neither.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { notices, requestEnded } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import type { TypeCheck } from "./type-check.ts";
import type { Compiler } from "./compiler.ts";

export class BackgroundTypes {
  readonly #service: () => Service;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #unsubscribe: () => void;
  #loading: Promise<{ typeCheck: TypeCheck; compiler: Compiler }> | undefined;
  #isStopped = false;

  /** @param service as it is now. The project may become one of TypeScript later. */
  constructor(service: () => Service, environment: Readonly<Record<string, string | undefined>>) {
    this.#service = service;
    this.#environment = environment;
    this.#unsubscribe = requestEnded.subscribe(() => {
      this.#unsubscribe();
      this.request();
    });
  }

  request(): void {
    if (this.#isStopped || !isTypeScript(this.#service())) return;
    this.#loading ??= this.#load();
    void this.#loading.then(({ typeCheck }) => typeCheck.request());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#unsubscribe();
    const loaded = await this.#loading;
    loaded?.typeCheck.stop();
    loaded?.compiler.stop();
  }

  async #load(): Promise<{ typeCheck: TypeCheck; compiler: Compiler }> {
    const [{ TypeCheck: Checker }, { Compiler: OwnCompiler, checkCommand }] = await Promise.all([
      import("./type-check.ts"),
      import("./compiler.ts"),
    ]);
    const { folder, sid } = this.#service();
    const compiler = new OwnCompiler(folder, this.#environment);
    const typeCheck = new Checker({
      start: () => compiler.start(),
      command: () => checkCommand(folder),
      report: (level, message) => notices.publish({ service: sid, level, message }),
    });
    return { typeCheck, compiler };
  }
}

/** Without tsconfig.json, the compiler would not know what to check. */
function isTypeScript({ folder, functions, assets }: Service): boolean {
  return (
    [...functions, ...assets].some(({ file }) => /\.[cm]?ts$/.test(file)) && existsSync(join(folder, "tsconfig.json"))
  );
}
