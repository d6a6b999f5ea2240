import type { Timestamp } from "./clock.ts";
import type { JobId } from "./job.ts";

/** Makes ids; each is greater than the one before. */
export type NewId = (now: Timestamp) => JobId;

/** Fills the array with random bytes. */
export type RandomFill = (bytes: Uint8Array<ArrayBuffer>) => void;

const codesOf = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));
const DIGITS = codesOf("0123456789abcdef");
const POOL = 1024;
const COUNTER_LIMIT = 2 ** 26;

/**
 * Creates a generator of UUIDv7 strings, each greater than the one before, even if the clock stands still or is set
 * back. A counter of 26 bits, started at random each millisecond with its top bit clear, fills `rand_a` and the head of
 * `rand_b` (RFC 9562, 6.2 method 1); the other 48 bits are random.
 */
export function idGenerator(fill: RandomFill = (bytes) => crypto.getRandomValues(bytes)): NewId {
  const pool = new Uint16Array(POOL);
  let used = POOL;
  let lastMs = -1;
  let counter = 0;
  /**
   * The characters of the id, made into a string in one piece: one that is put together from parts is copied once more,
   * and the parts are garbage, as soon as it is a key.
   */
  const id = codesOf("00000000-0000-7000-8000-000000000000");

  const random16 = (): number => {
    if (used === POOL) {
      fill(new Uint8Array(pool.buffer));
      used = 0;
    }
    return pool[used++] as number;
  };
  const put = (at: number, bits: number): void => {
    id[at] = DIGITS[bits & 15] as number;
  };
  const put3 = (at: number, bits: number): void => {
    put(at, bits >>> 8);
    put(at + 1, bits >>> 4);
    put(at + 2, bits);
  };

  const startMillisecond = (ms: number): void => {
    lastMs = ms;
    counter = ((random16() << 16) | random16()) >>> 7;
    const time = codesOf(ms.toString(16).padStart(12, "0"));
    for (let digit = 0; digit < 12; digit++) id[digit < 8 ? digit : digit + 1] = time[digit] as number;
  };

  return (now) => {
    if (now >= lastMs + 1) startMillisecond(Math.floor(now));
    else if (++counter >= COUNTER_LIMIT) startMillisecond(lastMs + 1);
    put3(15, counter >>> 14);
    put(19, 8 | ((counter >>> 12) & 3));
    put3(20, counter);
    for (let at = 24; at < 36; at += 3) put3(at, random16());
    return String.fromCharCode.apply(undefined, id);
  };
}

/** Returns a new id from the generator of the process. */
export const newId: NewId = idGenerator();
