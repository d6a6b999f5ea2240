import { idGenerator, type NewId, newId } from "@jobq/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { NOW } from "./sample-job.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

function ascends(make: NewId, instants: readonly number[]): void {
  let last = "";
  for (const now of instants) {
    const id = make(now);
    expect(id).toMatch(UUID_V7);
    expect(id > last).toBe(true);
    last = id;
  }
}

const msOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
const bytesOf = (value: number) => idGenerator((bytes) => void bytes.fill(value));

test("an id is a UUIDv7 that tells when it was made", () => {
  for (const now of [0, 1, NOW, 2 ** 48 - 1]) {
    const id = idGenerator()(now);
    expect(id).toMatch(UUID_V7);
    expect(msOf(id)).toBe(now);
  }
});

test.each([0x00, 0x5a, 0xff])("version and variant stand whatever the random bytes are: %i", (byte) => {
  const make = bytesOf(byte);
  ascends(make, [NOW, NOW, NOW + 1]);
});

test("ids grow while the clock stands still, steps back, moves by parts of a millisecond and goes on", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { maxLength: 200 }), (steps) => {
      let now = NOW;
      ascends(
        idGenerator(),
        steps.map((step) => {
          now += step;
          return now;
        }),
      );
    }),
    { numRuns: 200 },
  );
});

test("parts of a millisecond do not start it anew", () => {
  for (let run = 0; run < 50; run++) ascends(idGenerator(), [NOW + 0.1, NOW + 0.2, NOW + 0.3, NOW + 0.9]);
});

test("a hundred thousand ids of one millisecond are distinct and in order", () => {
  const make = idGenerator();
  let last = "";
  for (let at = 0; at < 100_000; at++) {
    const id = make(NOW);
    if (id <= last) throw new Error(`${id} after ${last}`);
    last = id;
  }
  expect(msOf(last)).toBe(NOW);
});

test("two generators do not meet, and their ids sort by creation", () => {
  const [one, two] = [idGenerator(), idGenerator()];
  const ids = Array.from({ length: 1000 }, (_, ms) => [one(NOW + ms), two(NOW + ms)]);
  expect(new Set(ids.flat()).size).toBe(2000);
  for (let at = 1; at < ids.length; at++) {
    for (const id of ids[at] as string[])
      for (const earlier of ids[at - 1] as string[]) expect(id > earlier).toBe(true);
  }
});

test("the random part differs from id to id", () => {
  const make = idGenerator();
  const tails = Array.from({ length: 1000 }, () => make(NOW).slice(-12));
  expect(new Set(tails).size).toBe(1000);
});

test("the process has a generator of its own", () => {
  ascends(newId, [NOW, NOW, NOW - 1]);
});
