import { setTimeout as delay } from "node:timers/promises";
import { NotVisible, type CheckGroup } from "../check.ts";
import type { Reply } from "../client.ts";
import {
  describe,
  expectBody,
  expectHeader,
  expectSame,
  expectStatus,
  expectText,
  expectThat,
  isObject,
  jsonOf,
  needMarks,
} from "../expectations.ts";

/** Expects a 500 whose JSON has the error's message. */
function expectErrorObject(reply: Reply, message: string): Record<string, unknown> {
  expectStatus(reply, 500);
  const error = jsonOf(reply);
  if (!isObject(error)) throw new Error(`${describe(reply)}; expected a JSON object`);
  expectSame(error["message"], message, "message");
  return error;
}

export const failures: CheckGroup = {
  section: "§2 Handlers and their failures",
  checks: [
    {
      row: 31,
      title: "A module without a handler is an error of the server",
      confidence: "documented",
      conflict: "C18",
      expects: "500",
      run: async (client) => expectStatus(await client.get("/no-handler"), 500),
    },
    {
      row: 32,
      title: "An exception while the module loads is an error of the server",
      confidence: "unknown",
      expects: "500, the second time too, and other functions still run",
      run: async (client) => {
        expectStatus(await client.get("/load-throws"), 500);
        expectStatus(await client.get("/load-throws"), 500);
        expectText(await client.get("/hello"), "hi");
      },
    },
    {
      row: 33,
      title: "An exception in the handler is an error of the server",
      confidence: "documented",
      expects: "500 at once",
      run: async (client) => {
        const reply = await client.get("/failure?case=throw");
        expectStatus(reply, 500);
        expectThat(reply.durationMs < 5000, `500 after ${reply.durationMs.toFixed(0)} ms`);
      },
    },
    {
      row: 34,
      title: "An exception's reply is its message and name",
      confidence: "inferred",
      expects: "500 with JSON {message, name}; stack is optional",
      run: async (client) => {
        const error = expectErrorObject(await client.get("/failure?case=throw"), "x");
        expectSame(error["name"], "TypeError", "name");
      },
    },
    {
      row: 35,
      title: "callback('bad') is 500 with that text",
      confidence: "documented",
      expects: "500, body bad",
      run: async (client) => {
        const reply = await client.get("/failure?case=text");
        expectStatus(reply, 500);
        expectBody(reply, "bad");
      },
    },
    {
      row: 36,
      title: "callback({a: 1}) is 500 with that JSON",
      confidence: "inferred",
      expects: '500, body {"a":1}',
      run: async (client) => {
        const reply = await client.get("/failure?case=object");
        expectStatus(reply, 500);
        expectSame(jsonOf(reply), { a: 1 }, "body");
      },
    },
    {
      row: 37,
      title: "callback(new Error('x')) is 500 with its message",
      confidence: "documented",
      expects: "500 with JSON that has message",
      run: async (client) => {
        expectErrorObject(await client.get("/failure?case=error"), "x");
      },
    },
    {
      row: 38,
      title: "A falsy error is success",
      confidence: "unknown",
      conflict: "C6",
      expects: "callback('' or 0 or false, 'no error') is 200",
      run: async (client) => {
        for (const falsy of ["empty", "zero", "false"]) {
          expectText(await client.get(`/failure?case=${falsy}`), "no error");
        }
      },
    },
    {
      row: 39,
      title: "callback(undefined, 'x') is a success",
      confidence: "documented",
      expects: "200, body x",
      run: async (client) => expectText(await client.get("/execution?case=undefined"), "x"),
    },
    {
      row: 40,
      title: "A handler may be async and call back after an await",
      confidence: "documented",
      conflict: "C12",
      expects: "200",
      run: async (client) => expectText(await client.get("/execution?case=async"), "awaited"),
    },
    {
      row: 41,
      title: "What an async handler returns is ignored",
      confidence: "documented",
      expects: "504 when it returns a string and does not call back",
      slow: true,
      run: async (client) => expectStatus(await client.get("/execution?case=returns"), 504),
    },
    {
      row: 42,
      title: "A rejection that nobody catches ends the call",
      confidence: "unknown",
      expects: "500 within 3 s, and the reply or the log (where it can be read) has the rejection",
      slow: true,
      run: async (client) => {
        // Subtracts the time that any call takes now, because other checks may keep the machine busy.
        const usualMs = (await client.get("/hello")).durationMs;
        const reply = await client.get("/execution?case=rejects");
        expectStatus(reply, 500);
        expectThat(reply.durationMs - usualMs < 3000, `500 after ${reply.durationMs.toFixed(0)} ms`);
        const { logText } = client.options;
        if (logText === undefined) return;
        // The reply may arrive before the server's output.
        const isTold = (): boolean => /nobody caught this rejection/.test(reply.text + logText());
        for (let i = 0; i < 20 && !isTold(); i++) await delay(50);
        expectThat(isTold(), "500 at once, but neither reply nor log has the rejection");
      },
    },
    {
      row: 43,
      title: "The first callback wins",
      confidence: "unknown",
      expects: "callback(null, 'a'); callback(null, 'b') replies a, and the next call is not disturbed",
      run: async (client) => {
        expectText(await client.get("/execution?case=twice"), "a");
        // Waits, so that a second reply has time to do harm.
        await delay(300);
        expectText(await client.get("/execution?case=undefined"), "x");
      },
    },
    {
      row: 44,
      title: "Work that is left after callback is stopped",
      confidence: "documented",
      conflict: "C5",
      expects: "timers, intervals and child processes started before the callback leave nothing behind 300 ms later",
      slow: true,
      run: async (client) => {
        await needMarks(client);
        const ways = ["timeout", "interval", "child"];
        const marks = ways.map((way) => ({ way, id: client.newMark() }));
        for (const { way, id } of marks) expectText(await client.get(`/after-callback?way=${way}&id=${id}`), "a");
        // Longer than the 300 ms that the work would need, with room for a slow machine.
        await delay(1500);
        const left: string[] = [];
        for (const { way, id } of marks) if (await client.wasMarked(id)) left.push(way);
        if (left.length > 0 && client.options.lenient) {
          throw new NotVisible("the sources differ on work after callback, and leniency was asked for");
        }
        expectThat(left.length === 0, `it went on running: ${left.join(", ")}`);
      },
    },
    {
      row: 45,
      title: "An error has no CORS headers",
      confidence: "observed",
      expects: "500 without any access-control- header",
      run: async (client) => {
        const reply = await client.get("/failure?case=text", { headers: { origin: "https://flex.example.com" } });
        expectStatus(reply, 500);
        const cors = Object.keys(reply.headers).filter((name) => name.startsWith("access-control-"));
        expectSame(cors, [], "CORS headers");
        expectHeader(reply, "content-type", /./);
      },
    },
  ],
};
