import { Fault } from "../fault.ts";

/**
 * Parses JSON whose meaning does not depend on who reads it.
 * @param depth the most arrays and objects inside each other
 * @throws {Fault} invalid_request: no JSON, nested too deeply, or an object that has a key twice
 */
export function parseStrictJson(text: string, depth: number): unknown {
  checkShape(text, depth);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault("invalid_request", "the body is not valid JSON", { cause });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/**
 * Finds what `JSON.parse` would let pass or could not bear. It looks at brackets and strings only: whether the rest is
 * JSON is for the parser to say, and of text that is none it does not matter what this makes of it.
 */
function checkShape(text: string, depth: number): void {
  /** The keys of each object that is open, from the outside in; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (isKey(text, end)) checkKey(open.at(-1), text.slice(at, end));
        at = end - 1;
        break;
      }
      case 0x7b: // {
      case 0x5b: // [
        if (open.push(text[at] === "{" ? new Set() : undefined) > depth) {
          throw new Fault("invalid_request", `the body must not be nested deeper than ${depth} levels`);
        }
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        break;
    }
  }
}

/** The position after the closing quote. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at + 1;
  }
  return text.length;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  return text.charCodeAt(at) === COLON;
}

function checkKey(keys: Set<string> | undefined, quoted: string): void {
  if (!keys) return;
  const key = quoted.includes("\\") ? unescaped(quoted) : quoted.slice(1, -1);
  if (keys.has(key))
    throw new Fault("invalid_request", `the body has the key ${quoted.slice(0, 80)} twice in one object`);
  keys.add(key);
}

function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted; // no JSON, which the parser says better
  }
}
