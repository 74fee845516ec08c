import assert from "node:assert/strict";
import { test } from "node:test";
import { keepChoices, likelyFunctions, readChoices, routeOf, withRoute } from "../src/page/phone/phone-choices.ts";

function storage(text: string | null): { getItem: () => string | null } {
  return { getItem: () => text };
}

test("choices are kept, and invalid stored values do no harm", () => {
  let kept = "";
  const first = readChoices(storage(null));
  assert.deepEqual([first.tab, first.from, first.hasSound], ["messages", "+12025550123", false]);
  keepChoices({ ...first, from: "+1", tab: "call" }, { setItem: (_, text) => (kept = text) });
  assert.deepEqual(readChoices(storage(kept)), { ...first, from: "+1", tab: "call" });
  for (const odd of ["", "null", "[]", "{", `{"from":7,"tab":"x","hasSound":"yes"}`]) {
    assert.deepEqual(readChoices(storage(odd)), first, odd);
  }
  const refusing = {
    getItem: (): never => {
      throw new Error("forbidden");
    },
    setItem: (): never => {
      throw new Error("forbidden");
    },
  };
  assert.deepEqual(readChoices(refusing), first);
  keepChoices(first, refusing);
});

test("functions with fitting names come first, and private ones are left out", () => {
  const functions = ["/hello", "/ivr/menu", "/sms/reply", "/ivr/welcome", undefined].map((path) => ({
    ...(path !== undefined && { path }),
    name: "x",
    visibility: "public" as const,
    file: "x.js",
  }));
  assert.deepEqual(likelyFunctions(functions, "voice"), ["/ivr/welcome", "/ivr/menu", "/hello", "/sms/reply"]);
  assert.deepEqual(likelyFunctions(functions, "sms"), ["/sms/reply", "/hello", "/ivr/welcome", "/ivr/menu"]);
});

test("a link has the channel, and the RCS sender instead of a number", () => {
  const first = readChoices(storage(null));
  for (const channel of ["sms", "whatsapp", "rcs"] as const) {
    const choices = { ...first, channel, ...(channel === "rcs" && { agent: "shop" }) };
    const route = routeOf(choices);
    assert.deepEqual(
      [route.channel, route.number],
      [channel === "sms" ? undefined : channel, channel === "rcs" ? "shop" : first.to],
    );
    for (const other of ["sms", "whatsapp", "rcs"] as const) {
      assert.deepEqual(withRoute({ ...first, channel: other }, route), choices);
    }
  }
  const whatsapp = { ...first, channel: "whatsapp" as const };
  assert.equal(withRoute(whatsapp, { view: "phone" }).channel, "whatsapp");
  assert.equal(withRoute(whatsapp, { view: "phone", tab: "call", number: "+1" }).channel, "whatsapp");
});
