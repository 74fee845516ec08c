import assert from "node:assert/strict";
import { noFilter } from "../../src/page/requests/row-filter.ts";
import { test } from "node:test";

import { hashOf, readRoute, type Route } from "../../src/page/hash-route.ts";

const routes: readonly (readonly [string, Route])[] = [
  ["#/requests", { view: "requests" }],
  ["#/requests/RQ12", { view: "requests", id: "RQ12" }],
  [
    "#/requests/RQ12?filter=%22digits+2%22&status=failed&function=/sms&assets=shown",
    { view: "requests", id: "RQ12", filter: { text: '"digits 2"', status: "failed", path: "/sms", hasAssets: true } },
  ],
  ["#/requests?status=troubled", { view: "requests", filter: { ...noFilter, status: "troubled" } }],
  ["#/simulator", { view: "simulator" }],
  ["#/simulator/sms?to=/sms", { view: "simulator", kind: "sms", to: "/sms" }],
  ["#/simulator/plain?from=RQ12", { view: "simulator", kind: "plain", from: "RQ12" }],
  ["#/simulator?to=/a?b=c%26d", { view: "simulator", to: "/a?b=c&d" }],
  ["#/phone", { view: "phone" }],
  ["#/phone/call?to=/voice", { view: "phone", tab: "call", to: "/voice" }],
  [
    "#/phone/messages?to=/sms&from=%2B12025550123&number=%2B12025550199&id=RQ12",
    { view: "phone", tab: "messages", to: "/sms", from: "+12025550123", number: "+12025550199", id: "RQ12" },
  ],
  [
    "#/phone/messages?number=my_agent&channel=rcs",
    { view: "phone", tab: "messages", number: "my_agent", channel: "rcs" },
  ],
  ["#/project", { view: "project" }],
];

test("each place on the page has a link that leads there", () => {
  for (const [hash, route] of routes) {
    assert.deepEqual(readRoute(hash), route, hash);
    assert.equal(hashOf(readRoute(hash)), hashOf(route), hash);
    assert.deepEqual(readRoute(hashOf(route)), route, hash);
  }
});

test("links are readable", () => {
  assert.equal(hashOf({ view: "simulator", kind: "sms", to: "/sms" }), "#/simulator/sms?to=/sms");
  assert.equal(hashOf({ view: "requests", id: "RQ12" }), "#/requests/RQ12");
});

test("an invalid filter in a link is ignored", () => {
  assert.deepEqual(readRoute("#/requests?status=odd&assets=1&filter="), { view: "requests" });
});

test("an unknown tab of the phone leads to the phone", () => {
  assert.deepEqual(readRoute("#/phone/fax?to="), { view: "phone" });
});

test("an unknown hash leads to the list", () => {
  for (const hash of ["", "#", "#/", "#/nothing", "#requests/", "#/requests/", "#/__proto__"]) {
    assert.deepEqual(readRoute(hash), { view: "requests" }, hash);
  }
  assert.deepEqual(readRoute("#/requests/%E0%A4%A"), { view: "requests", id: "%E0%A4%A" });
});
