import type { JobId, Timestamp } from "@jobq/core";
import { hash128 } from "./hash.ts";

/**
 * The id of the job that a text and an instant stand for: the same in every process, so that storing it twice stores one.
 * A UUIDv7 of that instant, with a hash of the text where others have random bits.
 */
export function derivedId(text: string, at: Timestamp = 0): JobId {
  const time = hex(at, 12);
  const [a = 0, b = 0, c = 0] = hash128(text);
  const variant = hex(0x8000 | (a & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(a >>> 20, 3)}-${variant}-${hex(b, 8)}${hex(c >>> 16, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
