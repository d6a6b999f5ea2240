import type { Timestamp } from "./clock.ts";
import type { JobId } from "./job.ts";

/** Makes ids; each is greater than the one before. */
export type NewId = (now: Timestamp) => JobId;

/** Fills the array with random bytes. */
export type RandomFill = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Every three hexadecimal digits, so that an id is put together from few and flat pieces. */
const HEX3 = Array.from({ length: 4096 }, (_, bits) => bits.toString(16).padStart(3, "0"));
const VARIANT = "89ab";
const POOL = 1024;
const COUNTER_LIMIT = 2 ** 26;

/**
 * A generator of UUIDv7 strings that grow strictly within it, even when the clock stands still or steps back:
 * a counter of 26 bits, started at random each millisecond with its top bit clear, fills `rand_a` and the head of
 * `rand_b` (RFC 9562, 6.2 method 1); the other 48 bits are random.
 */
export function idGenerator(fill: RandomFill = (bytes) => crypto.getRandomValues(bytes)): NewId {
  const pool = new Uint16Array(POOL);
  let used = POOL;
  let lastMs = -1;
  let counter = 0;
  let time = "";

  const random12 = (): number => {
    if (used === POOL) {
      fill(new Uint8Array(pool.buffer));
      used = 0;
    }
    return (pool[used++] as number) & 0xfff;
  };
  const hex3 = (): string => HEX3[random12()] as string;

  const startMillisecond = (ms: number): void => {
    lastMs = ms;
    counter = (random12() << 12) | random12() | ((random12() & 1) << 24);
    const digits = ms.toString(16).padStart(12, "0");
    time = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
  };

  return (now) => {
    if (now >= lastMs + 1) startMillisecond(Math.floor(now));
    else if (++counter >= COUNTER_LIMIT) startMillisecond(lastMs + 1);
    const count = `${HEX3[counter >>> 14]}-${VARIANT[(counter >>> 12) & 3]}${HEX3[counter & 0xfff]}-`;
    return time + count + (hex3() + hex3() + hex3() + hex3());
  };
}

/** The process's own generator. */
export const newId: NewId = idGenerator();
