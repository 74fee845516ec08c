import assert from "node:assert/strict";
import { test } from "node:test";

import { visibleText } from "../../src/page/visible-text.ts";

test("invisible characters and those that change the writing direction are written out", () => {
  assert.equal(visibleText("safe\u202Egpj.exe"), "safe⟨U+202E⟩gpj.exe");
  assert.equal(visibleText("pay\u200Dpal \u200D🍕"), "pay⟨U+200D⟩pal ⟨U+200D⟩🍕");
  assert.equal(visibleText("a\u0000\u001B[31m\u200B"), "a⟨U+0000⟩⟨U+001B⟩[31m⟨U+200B⟩");
});

test("other text is unchanged", () => {
  const text = "Grüße, שלום, 你好 🍕 👩\u200D🍳 👩🏽\u200D🍳 🏳\uFE0F\u200D🌈\n\tindented";
  assert.equal(visibleText(text), text);
  assert.equal(visibleText("a\r\nb"), "a\nb");
});
