import { keyText, textOfKey } from "@jobq/level";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as keys from "../src/keys.ts";

/** Any string there is in JavaScript: separators, NUL and halves of surrogate pairs included. */
const text = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 1, 2, 0x2f, 0xd7fe, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff)), {
    maxLength: 6,
  })
  .map((units) => String.fromCharCode(...units));
const kind = fc.constantFrom("checkpoint" as const, "log" as const);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const byUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

test("texts in keys sort in bytes as the strings do, come back as they were, and hold nothing that ends them", () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(byBytes(keyText(a), keyText(b))).toBe(byUnits(a, b));
      expect(byUnits(keyText(a), keyText(b))).toBe(byUnits(a, b)); // as memory-level compares
      expect(textOfKey(keyText(a))).toBe(a);
      expect(keyText(a)).not.toMatch(/\0|[\ud800-\uffff]/);
    }),
    { numRuns: 2_000 },
  );
});

test("heads sort by id on each partition, members of a bundle by id", () => {
  fc.assert(
    fc.property(text, text, text, (a, b, bundle) => {
      for (const partition of ["live", "done", "canceled"] as const) {
        expect(byBytes(keys.headKey(partition, a), keys.headKey(partition, b))).toBe(byUnits(a, b));
        expect(keys.idOfHead(keys.headKey(partition, a))).toBe(a);
      }
      expect(byBytes(keys.bundleKey(bundle, a), keys.bundleKey(bundle, b))).toBe(byUnits(a, b));
      expect(keys.idOfMember(keys.bundleKey(bundle, a))).toBe(a);
    }),
    { numRuns: 1_000 },
  );
});

test("notes sort by job, kind and key, and their keys say both", () => {
  fc.assert(
    fc.property(fc.tuple(text, kind, text), fc.tuple(text, kind, text), (a, b) => {
      const wanted = byUnits(a[0], b[0]) || byUnits(a[1], b[1]) || byUnits(a[2], b[2]);
      expect(byBytes(keys.noteKey(...a), keys.noteKey(...b))).toBe(wanted);
      expect([keys.idOfNote(keys.noteKey(...a)), keys.keyOfNote(keys.noteKey(...a))]).toEqual([a[0], a[2]]);
    }),
    { numRuns: 1_000 },
  );
});

test("reservations sort by batch, and batches and topics come back from their keys", () => {
  const batch = fc.nat(Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(batch, batch, text, (a, b, topic) => {
      expect(byBytes(keys.leasesKey(a), keys.leasesKey(b))).toBe(Math.sign(a - b));
      expect(keys.batchOfLeases(keys.leasesKey(a))).toBe(a);
      expect(keys.topicOfCounts(keys.countsKey(topic))).toBe(topic);
    }),
  );
});

test("a range holds the keys of its own and no other", () => {
  const isIn = ({ gte, lt }: keys.KeyRange, key: string): boolean => byBytes(gte, key) <= 0 && byBytes(key, lt) < 0;
  fc.assert(
    fc.property(text, text, text, kind, (a, b, other, kind) => {
      const all = [
        keys.headKey("live", a),
        keys.headKey("done", a),
        keys.headKey("canceled", a),
        keys.payloadKey(a),
        keys.resultKey(a),
        keys.uniqueKey(a),
        keys.countsKey(a),
        keys.leasesKey(7),
        keys.bundleKey(b, a),
        keys.noteKey(a, kind, other),
      ];
      const held = (range: keys.KeyRange): string[] => all.filter((key) => isIn(range, key));
      expect(held(keys.partitionRange("live"))).toEqual([all[0]]);
      expect(held(keys.partitionRange("done"))).toEqual([all[1]]);
      expect(held(keys.ALL_COUNTS)).toEqual([all[6]]);
      expect(held(keys.ALL_LEASES)).toEqual([all[7]]);
      expect(held(keys.bundleRange(other))).toEqual(other === b ? [all[8]] : []);
      expect(held(keys.notesRange(other))).toEqual(other === a ? [all[9]] : []);
      expect(held(keys.kindRange(a, "log"))).toEqual(kind === "log" ? [all[9]] : []);
      expect(keys.recordRanges(a, a).flatMap(held).sort(byUnits)).toEqual([...all.slice(0, 5), all[9]].sort());
    }),
    { numRuns: 1_000 },
  );
});
