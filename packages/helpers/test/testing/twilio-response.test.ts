import assert from "node:assert/strict";
import { test } from "node:test";
import { TwilioResponse } from "@offhook/helpers/testing";

test("it begins as an empty 200, and takes a beginning of another kind", () => {
  const { statusCode, body, headers } = new TwilioResponse();
  assert.deepEqual({ statusCode, body, headers }, { statusCode: 200, body: null, headers: {} });
  const other = new TwilioResponse({ statusCode: 404, body: "x", headers: { a: 1 } });
  assert.deepEqual([other.statusCode, other.body, other.headers], [404, "x", { a: "1" }]);
});

test("each call gives the response, for the next", () => {
  const response = new TwilioResponse();
  const last = response.setStatusCode(201).setBody("x").setHeaders({}).appendHeader("a", "b").setCookie("c", "d");
  assert.equal(last.removeCookie("c"), response);
  assert.deepEqual([response.statusCode, response.body], [201, "x"]);
});

test("a header that is appended joins those of its name, which differ by case", () => {
  const response = new TwilioResponse().appendHeader("x", "a").appendHeader("x", ["b", 3]).appendHeader("X", "c");
  assert.deepEqual(response.headers, { x: ["a", "b", "3"], X: "c" });
  assert.deepEqual(new TwilioResponse().appendHeader("x", ["a", "b"]).headers, { x: ["a", "b"] });
});

test("headers that are set replace all others", () => {
  const response = new TwilioResponse().appendHeader("a", "1").setHeaders({ b: "2", c: ["3"] });
  assert.deepEqual(response.headers, { b: "2", c: ["3"] });
  assert.deepEqual(response.setHeaders(null as never).headers, { b: "2", c: ["3"] });
});

test("an object is no header value, and leaves the others alone", () => {
  const response = new TwilioResponse().appendHeader("a", "1");
  assert.throws(() => response.appendHeader("x", {}), { message: "Header value cannot be an object" });
  assert.throws(() => response.setHeaders({ x: {} }), { message: "Header value cannot be an object" });
  assert.deepEqual(response.headers, { a: "1" });
});

test("a header called __proto__ is a header", () => {
  const response = new TwilioResponse().appendHeader("__proto__", "x");
  assert.deepEqual(Object.entries(response.headers), [["__proto__", "x"]]);
});

test("cookies are a list, whatever the case of the header", () => {
  const response = new TwilioResponse().setHeaders({ "set-cookie": "a=1" }).setCookie("b", "2", ["Path=/"]);
  assert.deepEqual(response.headers, { "set-cookie": ["a=1", "b=2;Path=/"] });
  response.removeCookie("a");
  assert.deepEqual(response.headers, { "set-cookie": ["b=2;Path=/", "a=;Max-Age=0"] });
});
