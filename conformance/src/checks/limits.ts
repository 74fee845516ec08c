import type { CheckGroup } from "../check.ts";
import {
  CheckFailure,
  describe,
  expectHeader,
  expectNotRun,
  expectRefused,
  expectStatus,
  expectText,
  expectThat,
} from "../expectations.ts";

/** Headers of about that many bytes in total. */
function headersOf(count: number, bytesEach: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, i) => `x-filler-${i}`);
  return Object.fromEntries(names.map((name) => [name, "h".repeat(Math.max(1, bytesEach - name.length - 4))]));
}

export const limits: CheckGroup = {
  section: "§1.6, §5 Limits of time, number and size",
  checks: [
    {
      row: 23,
      title: "A handler that never calls back is ended after ten seconds",
      confidence: "documented",
      expects: "504 after 9 to 14 s",
      slow: true,
      run: async (client) => {
        const reply = await client.get("/execution?case=never");
        expectStatus(reply, 504);
        const seconds = reply.durationMs / 1000;
        expectThat(seconds > 9 && seconds < 14, `504 after ${seconds.toFixed(1)} s`);
      },
    },
    {
      row: 24,
      title: "Waiting within the limit is allowed",
      confidence: "documented",
      expects: "200 after 8 s",
      slow: true,
      run: async (client) => {
        const reply = await client.get("/slow?ms=8000");
        expectText(reply, "waited 8000");
        expectThat(reply.durationMs > 7900, `answered after ${reply.durationMs.toFixed(0)} ms`);
      },
    },
    {
      row: 25,
      title: "Thirty calls run at once, and one more is too many",
      confidence: "documented",
      expects: "30 calls at once are all 200; of 31, at least one is 429",
      arrangement: "alone",
      run: async (client) => {
        const callAtOnce = async (count: number, ms: number): Promise<readonly number[]> => {
          const calls = Array.from({ length: count }, () => client.get(`/slow?ms=${ms}`));
          return (await Promise.all(calls)).map((reply) => reply.status);
        };
        const thirty = await callAtOnce(30, 500);
        expectThat(
          thirty.every((status) => status === 200),
          `of 30 calls, statuses ${[...new Set(thirty)].join(", ")}`,
        );
        const thirtyOne = await callAtOnce(31, 2000);
        expectThat(thirtyOne.includes(429), `of 31 calls, statuses ${[...new Set(thirtyOne)].join(", ")}`);
      },
    },
    {
      row: 26,
      title: "A request of more than 1 MB is refused",
      confidence: "documented",
      expects: "413 for 1.1 MB, and the handler does not run",
      run: async (client) => {
        const mark = client.newMark();
        const reply = await client.post(`/mark?id=${mark}`, { form: `a=${"x".repeat(1_100_000)}` });
        expectRefused(client, reply, 413);
        await expectNotRun(client, reply, mark);
      },
    },
    {
      row: 27,
      title: "A request of 0.9 MB is accepted",
      confidence: "documented",
      expects: "200, and all of it is in event",
      run: async (client) =>
        expectText(await client.post("/length", { form: `a=${"x".repeat(900_000)}` }), "length 900000"),
    },
    {
      row: 28,
      title: "A reply of more than 4 MB is not sent",
      confidence: "documented",
      expects: "not 200 for 4.5 MB; 200 for 3.9 MB",
      run: async (client) => {
        const within = await client.get("/large-reply?kilobytes=3900");
        expectThat(within.status === 200 && within.body.length === 3_900_000, describe(within));
        const beyond = await client.get("/large-reply?kilobytes=4500");
        expectThat(beyond.status >= 400, `${describe(beyond)}; expected an error`);
      },
    },
    {
      row: 29,
      title: "Request headers over 15 kB, or more than 90, are refused",
      confidence: "documented",
      conflict: "C3",
      expects: "431 with “Request headers or cookies too long”; 80 headers of 10 kB pass",
      run: async (client) => {
        expectText(await client.get("/hello", { headers: headersOf(80, 125) }), "hi");
        for (const headers of [headersOf(16, 1000), headersOf(91, 20)]) {
          const reply = await client.get("/hello", { headers });
          expectStatus(reply, 431);
          if (!/request headers or cookies too long/i.test(reply.text)) throw new CheckFailure(describe(reply));
        }
      },
    },
    {
      row: 30,
      title: "Response headers over 15 kB are refused",
      confidence: "documented",
      conflict: "C3",
      expects: "431 with “Response headers or cookies too long”",
      run: async (client) => {
        const reply = await client.get("/response?case=large-headers");
        expectStatus(reply, 431);
        if (!/response headers or cookies too long/i.test(reply.text)) throw new CheckFailure(describe(reply));
        expectHeader(reply, "content-type", /./);
      },
    },
  ],
};
