/**
 * Reads XML into a tree with the place of each element. It supports only what TwiML needs: it skips the declarations of
 * a document type, knows only the five entities of XML, and never loads anything. It reads the text once and keeps its
 * own stack, so neither deep nor long input from an untrusted sender can block the page.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Texts and elements, in order. Texts are unchanged, white space included. */
  readonly content: readonly (string | XmlElement)[];
  readonly place: Place;
}

/** Line and column, both from one. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type XmlReading =
  | { readonly isWellFormed: true; readonly root: XmlElement }
  | { readonly isWellFormed: false; readonly message: string; readonly place: Place };

const maxDepth = 100;

export function readXml(text: string): XmlReading {
  const source = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const reader = new Reader(source);
  try {
    return { isWellFormed: true, root: reader.read() };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { isWellFormed: false, message: error.message, place: reader.placeOf(error.offset) };
  }
}

class Malformed extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface OpenElement extends XmlElement {
  readonly content: (string | XmlElement)[];
}

const nameStart =
  ":A-Z_a-z\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F";
const nameStartMore = "\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}";
const nameRest = "\\-.0-9\\xB7\\u0300-\\u036F\\u203F\\u2040";
const namePattern = new RegExp(`[${nameStart}${nameStartMore}][${nameStart}${nameStartMore}${nameRest}]*`, "uy");
const spacePattern = /[ \t\r\n]+/y;
const declarationPattern =
  /<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(["'])1\.\d+\1(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(["'])[A-Za-z][\w.-]*\2)?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(["'])(?:yes|no)\3)?[ \t\r\n]*\?>/y;
/** With the `u` flag, an unpaired surrogate matches as a character of its own. */
const forbidden = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const entities = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

class Reader {
  readonly #text: string;
  #at = 0;
  #lineStarts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(): XmlElement {
    const bad = forbidden.exec(this.#text);
    if (bad !== null) this.#fail("This character is not allowed in XML", bad.index);
    if (this.#text.startsWith("<?xml") && this.#match(declarationPattern) === undefined) {
      if (/^<\?xml[ \t\r\n?]/.test(this.#text)) this.#fail("The XML declaration is invalid");
    }
    this.#readAround(true);
    const root = this.#readElements();
    this.#readAround(false);
    if (this.#at < this.#text.length) this.#fail("There is content after the end of the document");
    return root;
  }

  placeOf(offset: number): Place {
    this.#lineStarts ??= [0, ...[...this.#text.matchAll(/\r\n?|\n/g)].map((end) => end.index + end[0].length)];
    const starts = this.#lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** Skips comments, instructions and white space around the root, and a document type before it. */
  #readAround(isBefore: boolean): void {
    let hasType = false;
    for (;;) {
      this.#match(spacePattern);
      if (this.#startsWith("<!--")) this.#skipComment();
      else if (this.#startsWith("<?")) this.#skipInstruction();
      else if (isBefore && !hasType && this.#startsWith("<!DOCTYPE")) {
        this.#skipDocumentType();
        hasType = true;
      } else return;
    }
  }

  #readElements(): XmlElement {
    if (this.#at >= this.#text.length) this.#fail("The document has no element");
    if (this.#text[this.#at] !== "<") this.#fail("There is text outside the root element");
    const first = this.#readStart();
    if (first.isEmpty) return first.element;
    const open: OpenElement[] = [first.element];
    for (let current: OpenElement | undefined = first.element; current !== undefined; current = open.at(-1)) {
      this.#readText(current);
      if (this.#at >= this.#text.length) {
        this.#fail(`<${current.name}> from line ${current.place.line} is never closed`);
      } else if (this.#startsWith("</")) {
        this.#readEnd(current);
        open.pop();
      } else if (this.#startsWith("<!--")) this.#skipComment();
      else if (this.#startsWith("<![CDATA[")) addText(current, this.#between("<![CDATA[", "]]>", "CDATA section"));
      else if (this.#startsWith("<?")) this.#skipInstruction();
      else {
        const { element, isEmpty } = this.#readStart();
        current.content.push(element);
        if (!isEmpty && open.push(element) > maxDepth) this.#fail(`Elements are nested more than ${maxDepth} deep`);
      }
    }
    return first.element;
  }

  #readStart(): { element: OpenElement; isEmpty: boolean } {
    const start = this.#at;
    this.#at += 1;
    const name = this.#match(namePattern) ?? this.#fail("This < does not start an element. Write it as &lt;", start);
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (;;) {
      const hasSpace = this.#match(spacePattern) !== undefined;
      if (this.#startsWith("/>") || this.#startsWith(">")) break;
      const at = this.#at;
      const attribute = hasSpace ? this.#match(namePattern) : undefined;
      if (attribute === undefined) this.#fail(`The start tag of <${name}> is not closed`);
      if (attribute in attributes) this.#fail(`Duplicate attribute: ${attribute}`, at);
      attributes[attribute] = this.#readValue(attribute);
    }
    const isEmpty = this.#startsWith("/>");
    this.#at += isEmpty ? 2 : 1;
    return { element: { name, attributes, content: [], place: this.placeOf(start) }, isEmpty };
  }

  #readValue(attribute: string): string {
    this.#match(spacePattern);
    if (!this.#startsWith("=")) this.#fail(`The attribute ${attribute} has no value`);
    this.#at += 1;
    this.#match(spacePattern);
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") this.#fail(`The value of ${attribute} must be in quotes`);
    const end = this.#text.indexOf(quote, this.#at + 1);
    if (end === -1) this.#fail(`The value of ${attribute} has no closing quote`);
    const start = this.#at + 1;
    const raw = this.#text.slice(start, end);
    const less = raw.indexOf("<");
    if (less !== -1) this.#fail("In an attribute value, write < as &lt;", start + less);
    const value = this.#resolve(raw.replace(/\r\n|[\t\r\n]/g, " "), start);
    this.#at = end + 1;
    return value;
  }

  #readText(into: OpenElement): void {
    const next = this.#text.indexOf("<", this.#at);
    const end = next === -1 ? this.#text.length : next;
    if (end === this.#at) return;
    const raw = this.#text.slice(this.#at, end);
    const close = raw.indexOf("]]>");
    if (close !== -1) this.#fail("In text, write ]]> as ]]&gt;", this.#at + close);
    addText(into, this.#resolve(raw.replace(/\r\n?/g, "\n"), this.#at));
    this.#at = end;
  }

  #readEnd(element: XmlElement): void {
    const start = this.#at;
    this.#at += 2;
    const name = this.#match(namePattern);
    if (name !== element.name) {
      this.#fail(`Found </${name ?? ""}>, expected </${element.name}> (line ${element.place.line})`, start);
    }
    this.#match(spacePattern);
    if (!this.#startsWith(">")) this.#fail(`</${name}> is not closed`);
    this.#at += 1;
  }

  /** Replaces entities such as `&amp;`. */
  #resolve(raw: string, offset: number): string {
    if (!raw.includes("&")) return raw;
    return raw.replace(/&(?:#(\d+);|#x([\da-fA-F]+);|([^\s;&<]{1,64});|)/g, (all, decimal, hex, name, at: number) => {
      const number = decimal === undefined ? parseInt((hex as string | undefined) ?? "", 16) : Number(decimal);
      if (number <= 0x10ffff && !forbidden.test(String.fromCodePoint(number))) return String.fromCodePoint(number);
      const character = entities.get((name as string | undefined) ?? "");
      if (character !== undefined) return character;
      return this.#fail(all === "&" ? "Write & as &amp;" : `Invalid entity: ${all}`, offset + at);
    });
  }

  #skipComment(): void {
    const start = this.#at;
    const text = this.#between("<!--", "-->", "comment");
    if (text.includes("--") || text.endsWith("-")) this.#fail("A comment must not contain --", start);
  }

  #skipInstruction(): void {
    const start = this.#at;
    const text = this.#between("<?", "?>", "instruction");
    const [name = ""] = text.split(/[ \t\r\n]/, 1);
    if (name.toLowerCase() === "xml") {
      this.#fail("The XML declaration must be at the very start of the document", start);
    }
    namePattern.lastIndex = 0;
    if (namePattern.exec(name)?.[0] !== name) this.#fail("An instruction must start with a name", start);
  }

  #skipDocumentType(): void {
    const start = this.#at;
    const rest = /<!DOCTYPE[ \t\r\n][^[\]<>]*(?:\[|>)/y;
    rest.lastIndex = start;
    const head = rest.exec(this.#text)?.[0] ?? this.#fail("The document type is invalid");
    this.#at += head.length;
    if (head.endsWith(">")) return;
    const end = /\][ \t\r\n]*>/g;
    end.lastIndex = this.#at;
    const close = end.exec(this.#text) ?? this.#fail("The document type is never closed", start);
    this.#at = close.index + close[0].length;
  }

  #between(open: string, close: string, what: string): string {
    const end = this.#text.indexOf(close, this.#at + open.length);
    if (end === -1) this.#fail(`The ${what} is never closed`);
    const text = this.#text.slice(this.#at + open.length, end);
    this.#at = end + close.length;
    return text.replace(/\r\n?/g, "\n");
  }

  #startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #fail(message: string, offset = this.#at): never {
    throw new Malformed(message, offset);
  }
}

function addText(element: OpenElement, text: string): void {
  const last = element.content.at(-1);
  if (typeof last === "string") element.content[element.content.length - 1] = last + text;
  else element.content.push(text);
}
