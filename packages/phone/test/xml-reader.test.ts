import assert from "node:assert/strict";
import { test } from "node:test";
import { parseXml, XmlElement as ParsedElement, XmlText } from "@rgrove/parse-xml";
import * as fc from "fast-check";
import { readXml, type XmlElement } from "../src/twiml/xml-reader.ts";

function rootOf(text: string): XmlElement {
  const reading = readXml(text);
  assert.ok(reading.isWellFormed, reading.isWellFormed ? "" : reading.message);
  return reading.root;
}

function complaint(text: string): string {
  const reading = readXml(text);
  assert.ok(!reading.isWellFormed, `${text} was read`);
  return `${reading.place.line}:${reading.place.column} ${reading.message}`;
}

test("a document is read with its attributes, its text in order, and the places of its elements", () => {
  const root = rootOf(
    '<?xml version="1.0" encoding="UTF-8"?>\r\n<Response>\n  <Say loop="2">a &lt;b&#x20ac; <![CDATA[<&]]></Say></Response>',
  );
  assert.deepEqual(root.place, { line: 2, column: 1 });
  const [, say] = root.content;
  assert.ok(typeof say === "object");
  assert.deepEqual(say.place, { line: 3, column: 3 });
  assert.deepEqual({ ...say.attributes }, { loop: "2" });
  assert.deepEqual(say.content, ["a <b€ <&"]);
});

test("malformed XML is rejected with the place and a fix", () => {
  assert.equal(complaint("<Response><Say>a & b</Say></Response>"), "1:18 Write & as &amp;");
  assert.equal(complaint("<Response>\n<Say>a</say></Response>"), "2:7 Found </say>, expected </Say> (line 2)");
  assert.equal(complaint("<Response>\n  <Say>"), "2:8 <Say> from line 2 is never closed");
  assert.match(complaint('\n<?xml version="1.0"?><Response/>'), /^2:1 The XML declaration must be at the very start/);
  assert.match(complaint("<Response/>more"), /^1:12 There is content after/);
  assert.match(complaint("<a b=c/>"), /must be in quotes/);
  assert.match(complaint('<a b="1" b="2"/>'), /1:10 Duplicate attribute: b/);
  assert.match(complaint("<a>\u0001</a>"), /1:4 This character/);
  assert.match(complaint(""), /The document has no element/);
  assert.match(complaint("hello"), /text outside the root/);
  assert.match(complaint("<a>&#0;</a>"), /Invalid entity: &#0;/);
});

test("a document type declares no entities, so entity bombs and local files are never expanded", () => {
  const bomb = `<!DOCTYPE a [<!ENTITY l "lol"><!ENTITY m "&l;&l;"><!ENTITY f SYSTEM "file:///etc/passwd">]>`;
  assert.equal(rootOf(`${bomb}<a/>`).name, "a");
  assert.match(complaint(`${bomb}<a>&m;</a>`), /Invalid entity: &m;/);
  assert.match(complaint(`${bomb}<a>&f;</a>`), /Invalid entity: &f;/);
});

test("deep and long documents are read quickly", () => {
  assert.match(complaint("<a>".repeat(200_000)), /nested more than 100 deep/);
  assert.equal(rootOf(`<a>${"<b/>\n".repeat(200_000)}</a>`).content.length, 400_000);
  assert.match(complaint(`<a>${"&".repeat(1_000_000)}</a>`), /Write & as &amp;/);
  assert.match(complaint(`<a ${"x".repeat(1_000_000)}`), /no value/);
  assert.match(complaint(`<!DOCTYPE ${"[".repeat(1_000_000)}`), /document type/);
  assert.match(complaint("<!--".repeat(250_000)), /comment/);
});

/** Fragments of valid XML, and fragments that make it invalid. */
const pieces = fc.array(
  fc.constantFrom(
    "<a>",
    "</a>",
    "<b x='1'",
    ' y="2"',
    ">",
    "/>",
    "<c/>",
    "</b>",
    "&amp;",
    "&#65;",
    "&#x41;",
    "&x;",
    "&",
    "t",
    " ",
    "\n",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "]]>",
    "<?p i?>",
    "<!DOCTYPE a>",
    "=",
    "'",
    '"',
    "<",
    "é",
    "\u0000",
    "<a:b/>",
  ),
  { maxLength: 14 },
);
const documents = fc.oneof(
  pieces.map((each) => each.join("")),
  pieces.map((each) => `<a>${each.join("")}</a>`),
);

test("the reader accepts and reads the same documents as another parser", () => {
  fc.assert(
    fc.property(documents, (text) => {
      const ours = readXml(text);
      let theirs: ParsedElement | null = null;
      try {
        theirs = parseXml(text).root;
      } catch {
        theirs = null;
      }
      assert.equal(ours.isWellFormed, theirs !== null, ours.isWellFormed ? "read" : ours.message);
      if (ours.isWellFormed && theirs !== null) assert.deepEqual(shape(ours.root), parsedShape(theirs));
    }),
    { numRuns: 5000 },
  );
});

type Shape = readonly [name: string, attributes: Record<string, string>, content: readonly (string | Shape)[]];

function shape({ name, attributes, content }: XmlElement): Shape {
  return [
    name,
    { ...attributes },
    content.filter((each) => each !== "").map((each) => (typeof each === "string" ? each : shape(each))),
  ];
}

function parsedShape({ name, attributes, children }: ParsedElement): Shape {
  const content: (string | Shape)[] = [];
  for (const child of children) {
    const last = content.at(-1);
    // The other parser starts a new text after a comment.
    if (child instanceof XmlText && typeof last === "string") content[content.length - 1] = last + child.text;
    else if (child instanceof XmlText && child.text !== "") content.push(child.text);
    else if (child instanceof ParsedElement) content.push(parsedShape(child));
  }
  return [name, { ...attributes }, content];
}
