/**
 * Words and turns that this project does not use, each with what to write instead. Most of them are English that reads
 * like a translation. Code in backticks is not looked at.
 */
import type { PassageKind } from "./passages.ts";

export interface AvoidedWord {
  readonly pattern: RegExp;
  readonly instead: string;
  /** All kinds by default. */
  readonly kinds?: readonly PassageKind[];
}

export const avoidedWords: readonly AvoidedWord[] = [
  // Rare words for everyday things.
  { pattern: /\bmend(?:s|ed|ing)?\b/i, instead: "fix" },
  { pattern: /\banew\b/i, instead: "again" },
  { pattern: /\bamids?t\b/i, instead: "in the middle of, during" },
  {
    pattern: /\b(?:thereof|therein|thereby|hereby|herein|wherein|whereby|thereupon|whereupon)\b/i,
    instead: "plain words",
  },
  { pattern: /\bbegun\b/i, instead: "started" },
  { pattern: /\bbegins? up\b/i, instead: "start" },
  { pattern: /\bfor ever\b/i, instead: "forever" },
  { pattern: /\bbut for\b/i, instead: "except" },
  { pattern: /\blest\b/i, instead: "so that … not" },
  { pattern: /\bas ever\b/i, instead: "as before, as usual" },
  { pattern: /\btime-outs?\b/i, instead: "timeout" },
  { pattern: /\b(?:came|come|comes) to rest\b/i, instead: "settled, stopped changing" },
  { pattern: /\bspoilt|spoiled\b/i, instead: "damaged, changed" },
  // Who does it?
  { pattern: /\bwho(?:m|so)?ever\b/i, instead: "the reader's word: caller, author, operator" },
  { pattern: /\bnobody(?: else)?'s\b|\bsomebody else's\b/i, instead: "name the owner: only you, another service" },
  { pattern: /\b(?:he|him|his|himself|she|her|hers)\b/i, instead: "they, you, or the actor's name" },
  { pattern: /(?:^|[.!?:;] )Who (?![^.]*\?)/m, instead: "name the actor: “Callers that …”" },
  { pattern: /, who (?:has|have|wants?|asks?|stands?)\b/i, instead: "name the actor" },
  { pattern: /\bfor who\b|\bto who\b|\bby who\b/i, instead: "name the actor: for authors who …" },
  // "What" and "whatever" as the subject of a sentence that asks nothing.
  {
    pattern: /(?:^|[.!?] )What(?:ever)? (?![^.!?]*\?)[^.!?]*\w[.!](?:\s|$)/m,
    instead: "name the thing: “Changes that …”",
  },
  { pattern: /\bwhat is not theirs\b|\bwhat it has to\b/i, instead: "name the thing" },
  // Verbs for everything.
  { pattern: /\b(?:is|are|was|were|be|been|being|get|gets) told\b/i, instead: "the server reports …, callers see …" },
  { pattern: /\b(?:tell|tells|told|telling) of\b/i, instead: "report, name, describe" },
  { pattern: /\bstands? (?:here|there|for itself|in its place|beside)\b/i, instead: "is shown, is listed" },
  { pattern: /\bwho stands\b|\bwhat stands\b/i, instead: "name it" },
  { pattern: /\bis asked for\b|\bare asked for\b/i, instead: "name who asks" },
  { pattern: /\b(?:is|are|was|were) there already\b/i, instead: "already exists" },
  { pattern: /\bleads? to nothing\b/i, instead: "has no target" },
  // Ends and links of sentences.
  { pattern: /\bof such\b/i, instead: "name it again" },
  { pattern: /[a-z] so[.;](?:\s|$)/m, instead: "say how: in this way, for this reason" },
  { pattern: /\bthere is no such\b/i, instead: "unknown …, no … has that name" },
  { pattern: /\bby itself\b/i, instead: "automatically, on its own, exited" },
  { pattern: /\band still it\b/i, instead: "although" },
  { pattern: /\bnobody else\b/i, instead: "only, no other" },
  { pattern: /\bno wall against\b/i, instead: "does not stop" },
];
