import assert from "node:assert/strict";
import { test } from "node:test";

import { KeptConversations } from "../../src/server/kept-conversations.ts";

test("a conversation is replaced by its next state, and the oldest of too many is forgotten", () => {
  const kept = new KeptConversations();
  assert.equal(kept.find("a"), undefined);
  kept.keep("a", { rows: [1] });
  kept.keep("b", { rows: [] });
  kept.keep("a", { rows: [1, 2] });
  assert.deepEqual(kept.find("a"), { rows: [1, 2] });
  for (let index = 0; index < 19; index += 1) kept.keep(`more-${index}`, {});
  assert.equal(kept.find("b"), undefined);
  assert.deepEqual(kept.find("a"), { rows: [1, 2] });
});
