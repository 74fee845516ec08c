import assert from "node:assert/strict";
import { test } from "node:test";
import { TwilioResponse } from "@offhook/helpers/testing";

test("a new response is an empty 200, and the constructor takes other values", () => {
  const { statusCode, body, headers } = new TwilioResponse();
  assert.deepEqual({ statusCode, body, headers }, { statusCode: 200, body: null, headers: {} });
  const other = new TwilioResponse({ statusCode: 404, body: "x", headers: { a: 1 } });
  assert.deepEqual([other.statusCode, other.body, other.headers], [404, "x", { a: "1" }]);
});

test("each method returns the response", () => {
  const response = new TwilioResponse();
  const last = response.setStatusCode(201).setBody("x").setHeaders({}).appendHeader("a", "b").setCookie("c", "d");
  assert.equal(last.removeCookie("c"), response);
  assert.deepEqual([response.statusCode, response.body], [201, "x"]);
});

test("an appended header joins those of the same name, and case matters", () => {
  const response = new TwilioResponse().appendHeader("x", "a").appendHeader("x", ["b", 3]).appendHeader("X", "c");
  assert.deepEqual(response.headers, { x: ["a", "b", "3"], X: "c" });
  assert.deepEqual(new TwilioResponse().appendHeader("x", ["a", "b"]).headers, { x: ["a", "b"] });
});

test("setHeaders() replaces all headers", () => {
  const response = new TwilioResponse().appendHeader("a", "1").setHeaders({ b: "2", c: ["3"] });
  assert.deepEqual(response.headers, { b: "2", c: ["3"] });
  assert.deepEqual(response.setHeaders(null as never).headers, { b: "2", c: ["3"] });
});

test("an object is refused as a header value, and the others stay", () => {
  const response = new TwilioResponse().appendHeader("a", "1");
  assert.throws(() => response.appendHeader("x", {}), { message: "Header value cannot be an object" });
  assert.throws(() => response.setHeaders({ x: {} }), { message: "Header value cannot be an object" });
  assert.deepEqual(response.headers, { a: "1" });
});

test("a header named __proto__ is an ordinary header", () => {
  const response = new TwilioResponse().appendHeader("__proto__", "x");
  assert.deepEqual(Object.entries(response.headers), [["__proto__", "x"]]);
});

test("cookies are a list, for any case of the header", () => {
  const response = new TwilioResponse().setHeaders({ "set-cookie": "a=1" }).setCookie("b", "2", ["Path=/"]);
  assert.deepEqual(response.headers, { "set-cookie": ["a=1", "b=2;Path=/"] });
  response.removeCookie("a");
  assert.deepEqual(response.headers, { "set-cookie": ["b=2;Path=/", "a=;Max-Age=0"] });
});
