import type { ModuleContext } from "../module.ts";

/** Tells what a value is once it has been stored and read again. */
export type AsStored = (value: unknown) => unknown;

/** As the codec of a service stores it; within a list, where nothing is left out. */
export function storedBy({ encode, decode }: Pick<ModuleContext, "encode" | "decode">): AsStored {
  return (value) => (decode(encode([value])) as unknown[])[0];
}

/**
 * True when a stored value is like what is expected: objects may have more than the fields that are named, and arrays have
 * items that are like those expected. Anything else is equal to what the codec would store.
 */
export function isLike(actual: unknown, expected: unknown, asStored: AsStored): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false;
    return expected.every((item, at) => isLike(actual[at], item, asStored));
  }
  if (!isPlain(expected)) return isEqual(actual, asStored(expected));
  if (!isPlain(actual)) return false;
  return Object.entries(expected).every(([key, value]) =>
    value === undefined ? actual[key] === undefined : isLike(actual[key], value, asStored),
  );
}

/** An object that is nothing but its fields, and says of itself how it is stored neither. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || "toJSON" in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const [parts, others] = [partsOf(one), partsOf(other)];
  return parts.length === others.length && parts.every((part, at) => isEqual(part, others[at]));
}

/** All that an object consists of, in an order that does not depend on that of its fields. */
function partsOf(value: object): readonly unknown[] {
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return [String(+value), String(value)];
  if (value instanceof ArrayBuffer) return [...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) return [...(value as Iterable<unknown>)];
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
}
