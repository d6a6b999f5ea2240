import type { JobId, Timestamp } from "@jobq/core";
import { hash128 } from "../../module.ts";

/** From 0 up to 1, the same for the same text. */
export function derivedNumber(text: string): number {
  const [high = 0, low = 0] = hash128(text);
  return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
}

/** A UUID in the form of a random one, the same for the same text. */
export function derivedUuid(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = hash128(text);
  const version = hex(0x4000 | (b & 0xfff), 4);
  const variant = hex(0x8000 | (c >>> 18), 4);
  return `${hex(a, 8)}-${hex(b >>> 16, 4)}-${version}-${variant}-${hex(c & 0xffff, 4)}${hex(d, 8)}`;
}

/** A UUIDv7 of an instant, with a number from 0 to 2 ** 26 after it by which it sorts: the same for the same text. */
export function derivedId(text: string, at: Timestamp, index: number): JobId {
  const time = hex(Math.floor(at / 2 ** 16), 8);
  const [high = 0, low = 0] = hash128(text);
  const variant = hex(0x8000 | (index & 0x3fff), 4);
  return `${time}-${hex(at % 2 ** 16, 4)}-7${hex(index >>> 14, 3)}-${variant}-${hex(high, 8)}${hex(low >>> 16, 4)}`;
}

/** The number in an id that {@link derivedId} made. */
export function indexIn(id: JobId): number {
  return (Number.parseInt(id.slice(15, 18), 16) << 14) | (Number.parseInt(id.slice(19, 23), 16) & 0x3fff);
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, "0");
}
