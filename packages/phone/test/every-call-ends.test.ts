import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { CallEvent } from "../src/call/call-state.ts";
import { TestCall, type Page } from "./test-call.ts";

const verbs = fc.constantFrom(
  "<Say>a</Say>",
  "<Say/>",
  "<Play>/a</Play>",
  "<Play>https://b.example/c</Play>",
  "<Pause length='0'/>",
  "<Gather numDigits='2' action='/b'><Say>b</Say></Gather>",
  "<Gather input='speech'/>",
  "<Gather bargeIn='false' actionOnEmptyResult='true'><Play>/a</Play></Gather>",
  "<Record/>",
  "<Record action='https://b.example/'/>",
  "<Dial action='/b'><Number>1</Number></Dial>",
  "<Dial>1</Dial>",
  "<Dial><Number url='/b' statusCallback='/line' statusCallbackEvent='initiated answered completed'>1</Number></Dial>",
  "<Dial sequential='true' hangupOnStar='true'><Number>1</Number><Client>a</Client></Dial>",
  "<Dial action='/a'><Conference>r</Conference></Dial>",
  "<Enqueue waitUrl='/b'>q</Enqueue>",
  "<Enqueue waitUrl='/a' action='/b'>q</Enqueue>",
  "<Leave/>",
  "<Say loop='3'>c</Say>",
  "<Play loop='0'>/a</Play>",
  "<Gather input='speech dtmf' partialResultCallback='/partial' speechTimeout='auto'><Say loop='0'>d</Say></Gather>",
  "<Record transcribeCallback='/text' recordingStatusCallback='/recording' recordingStatusCallbackEvent='in-progress completed absent'/>",
  "<Redirect>/b</Redirect>",
  "<Redirect>mailto:a</Redirect>",
  "<Hangup/>",
  "<Reject/>",
  "<Enqueue action='/a'/>",
  "<Start/>",
  "<Nope/>",
  "text",
);
const pages = fc.oneof(
  { weight: 6, arbitrary: fc.array(verbs, { maxLength: 5 }).map((each) => each.join("")) },
  fc.constantFrom<Page>(
    { status: 500 },
    { status: 302, location: "/b" },
    { type: "text/plain", body: "a" },
    { body: "<" },
  ),
);
const events = fc.constantFrom<CallEvent | "pass">(
  "pass",
  "pass",
  "pass",
  { kind: "key", key: "1" },
  { kind: "key", key: "#" },
  { kind: "speaking" },
  { kind: "speaking", text: "a b" },
  { kind: "speech", text: "a" },
  { kind: "callee", line: 0, outcome: "answered" },
  { kind: "callee", line: 0, outcome: "busy" },
  { kind: "callee", line: 1, outcome: "no-answer" },
  { kind: "callee-hangs-up" },
  { kind: "dequeued" },
  { kind: "recorded", isEmpty: false },
  { kind: "recorded", isEmpty: true },
  { kind: "dialled", outcome: "answered", seconds: 3 },
  { kind: "dialled", outcome: "failed", seconds: 0 },
  { kind: "go-on" },
  // An event of a step that was over long ago.
  { kind: "done", step: 0 },
);

test("after any reply and any action of the caller, the call waits or is over, and the caller can hang up", () => {
  fc.assert(
    fc.property(pages, pages, fc.array(events, { maxLength: 25 }), (first, second, all) => {
      const call = new TestCall(
        { "/voice": first, "/a": second, "/b": first, "/status": "" },
        { statusCallback: "/status" },
      );
      for (const event of all) {
        if (event !== "pass") call.do(event);
        else if (call.pending !== undefined) call.pass();
        const { phase } = call;
        const isTimed = ["playing", "prompting", "listening", "recording"].includes(phase);
        assert.equal(
          call.pending !== undefined,
          isTimed,
          `${phase} has ${isTimed ? "nothing" : "something"} under way`,
        );
        assert.ok(isTimed || ["dialling", "talking", "stuck", "over"].includes(phase), phase);
      }
      call.do({ kind: "hang-up" });
      assert.equal(call.phase, "over");
      assert.equal(call.pending, undefined);
      assert.equal(call.logged("ended").length, 1);
      assert.equal(call.asked.filter(({ path }) => path === "/status").length, 1);
    }),
    { numRuns: 2000 },
  );
});
