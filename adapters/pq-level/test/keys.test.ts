import { compareEntries, type TopicEntry } from "@jobq/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as keys from "../src/keys.ts";

/** Any string there is in JavaScript: separators, NUL and halves of surrogate pairs included. */
const text = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 1, 2, 0x2f, 0xd7fe, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff)), {
    maxLength: 5,
  })
  .map((units) => String.fromCharCode(...units));
const weight = fc.integer({ min: -32_768, max: 32_767 });
const at = fc.oneof(fc.double({ noNaN: true }), fc.integer(), fc.constantFrom(0, -0, 0.5, Number.MAX_SAFE_INTEGER));
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("ready entries of a topic sort as they run", () => {
  fc.assert(
    fc.property(text, fc.tuple(weight, text), fc.tuple(weight, text), (topic, [weightA, idA], [weightB, idB]) => {
      const [a, b] = [
        { id: idA, topic, weight: weightA },
        { id: idB, topic, weight: weightB },
      ];
      expect(byBytes(keys.entryKey(a), keys.entryKey(b))).toBe(Math.sign(compareEntries(a, b)));
    }),
    { numRuns: 2_000 },
  );
});

test("delayed entries sort by instant, then as they run", () => {
  const entry = fc.record({ id: text, topic: text, weight, at });
  fc.assert(
    fc.property(entry, entry, fc.boolean(), (a, other, isSameInstant) => {
      const b = isSameInstant ? { ...other, at: a.at } : other;
      const wanted = a.at < b.at ? -1 : a.at > b.at ? 1 : Math.sign(compareEntries(a, b));
      if (wanted !== 0) expect(byBytes(keys.entryKey(a), keys.entryKey(b))).toBe(wanted);
    }),
    { numRuns: 2_000 },
  );
});

test("the key of an entry says its topic, its id and its instant", () => {
  const ready: fc.Arbitrary<TopicEntry> = fc.record({ id: text, topic: text, weight });
  fc.assert(
    fc.property(ready, fc.option(at, { nil: undefined }), text, (entry, at, other) => {
      const key = keys.entryKey(at === undefined ? entry : { ...entry, at });
      expect(keys.isDue(key)).toBe(at !== undefined);
      expect([keys.topicOfEntry(key), keys.idOf(key)]).toEqual([entry.topic, entry.id]);
      if (at !== undefined) expect(keys.instantOf(key)).toBe(at + 0);
      const isIn = ({ gte, lt }: keys.KeyRange): boolean => byBytes(gte, key) <= 0 && byBytes(key, lt) < 0;
      expect([isIn(keys.ALL_READY), isIn(keys.ALL_DUE)]).toEqual([at === undefined, at !== undefined]);
      expect(isIn(keys.readyRange(entry.topic))).toBe(at === undefined);
      if (other !== entry.topic) expect(isIn(keys.readyRange(other))).toBe(false);
      expect([isIn(keys.ALL_ENTRY_KEYS), isIn(keys.ALL_TOPICS)]).toEqual([false, false]);
      expect(byBytes(key, keys.successor(key))).toBe(-1);
    }),
    { numRuns: 2_000 },
  );
});

test("topics come back from their keys", () => {
  fc.assert(
    fc.property(text, (topic) => {
      expect(keys.topicOf(keys.topicKey(topic))).toBe(topic);
    }),
  );
});
