/** A fact that does not hold. Test runners show `actual` and `expected` side by side. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly actual: unknown;
  readonly expected: unknown;

  constructor(message: string, actual?: unknown, expected?: unknown) {
    super(message);
    this.actual = actual;
    this.expected = expected;
  }
}

/** Fails unless both have the same content; a property that is undefined counts as absent. */
export function equal<T>(actual: T, expected: T, what: string): void {
  const path = difference(actual, expected, "");
  if (path !== undefined) throw new Fault(`${what}: ${path}`, actual, expected);
}

/** Whether both have the same content, in the sense of {@link equal}. */
export function isEqual(actual: unknown, expected: unknown): boolean {
  return difference(actual, expected, "") === undefined;
}

/** Fails unless the condition holds. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Fault(what);
}

/** Where and how the two differ first, or undefined. */
function difference(actual: unknown, expected: unknown, path: string): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return `${path ? `at ${path} ` : ""}expected ${show(expected)}, got ${show(actual)}`;
  }
  if (Array.isArray(actual) && Array.isArray(expected) && actual.length !== expected.length) {
    return `${path ? `at ${path} ` : ""}expected ${expected.length} items, got ${actual.length}: ${show(actual)}`;
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const inner = difference(own(actual, key), own(expected, key), path ? `${path}.${key}` : key);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function own(value: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function show(value: unknown): string {
  const text = value === undefined ? "undefined" : (JSON.stringify(value) ?? String(value));
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text;
}
