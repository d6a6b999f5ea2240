import { keyText, textOfKey } from "@jobq/level";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as keys from "../src/layout/keys.ts";

/** Any string there is in JavaScript: separators, NUL and halves of surrogate pairs included. */
const text = fc
  .array(fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 1, 2, 0x2f, 0xd7fe, 0xd7ff, 0xd800, 0xdfff, 0xe000, 0xffff)), {
    maxLength: 6,
  })
  .map((units) => String.fromCharCode(...units));
const kind = fc.constantFrom("checkpoint", "log", "attempt", "c", "x-1");
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

test("heads sort by id in each partition, members of a group by id, jobs that wait for a slot by weight and id", () => {
  const weight = fc.integer({ min: -32_768, max: 32_767 });
  fc.assert(
    fc.property(text, text, text, weight, weight, (a, b, other, first, second) => {
      for (const partition of ["live", "done", "canceled"] as const) {
        expect(byBytes(keys.headKey(partition, a), keys.headKey(partition, b))).toBe(byUnits(a, b));
        expect(keys.idOfHead(keys.headKey(partition, a))).toBe(a);
      }
      const members = keys.membersRange(other, true);
      expect(byBytes(keys.idKey(members, a), keys.idKey(members, b))).toBe(byUnits(a, b));
      expect(keys.idIn(members, keys.idKey(members, a))).toBe(a);
      const waiting = keys.waitingRange(other);
      const [one, two] = [keys.waitingKey(waiting, first, a), keys.waitingKey(waiting, second, b)];
      expect(byBytes(one, two)).toBe(Math.sign(first - second) || byUnits(a, b));
      expect(keys.idOfWaiting(waiting, one)).toBe(a);
      expect(keys.slotIn(keys.slotKey(other, second + 32_768))).toEqual({ limitKey: other, slot: second + 32_768 });
    }),
    { numRuns: 1_000 },
  );
});

test("notes sort by job and, of a kind, by key, and their keys say all three", () => {
  fc.assert(
    fc.property(fc.tuple(text, kind, text), fc.tuple(text, kind, text), (a, b) => {
      const [one, two] = [keys.noteKey(...a), keys.noteKey(...b)];
      const wanted = byUnits(a[0], b[0]) || (a[1] === b[1] ? byUnits(a[2], b[2]) : byBytes(one, two));
      expect(byBytes(one, two)).toBe(wanted);
      expect([keys.idOfNote(one), keys.kindOfNote(one), keys.keyOfNote(one)]).toEqual(a);
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
        keys.idKey(keys.membersRange(b, true), a),
        keys.noteKey(a, kind, other),
        keys.idKey(keys.membersRange(b, false), a),
        keys.slotKey(a, 3),
        keys.waitingKey(keys.waitingRange(b), 0, a),
        keys.idKey(keys.WAITING_FOR_SLOT, a),
        keys.idKey(keys.AWAITING_GROUP, a),
        keys.idKey(keys.OWING_END, a),
      ];
      const held = (range: keys.KeyRange): string[] => all.filter((key) => isIn(range, key));
      expect(held(keys.partitionRange("live"))).toEqual([all[0]]);
      expect(held(keys.partitionRange("done"))).toEqual([all[1]]);
      expect(held(keys.ALL_COUNTS)).toEqual([all[6]]);
      expect(held(keys.ALL_LEASES)).toEqual([all[7]]);
      expect(held(keys.membersRange(other, true))).toEqual(other === b ? [all[8]] : []);
      expect(held(keys.membersRange(other, false))).toEqual(other === b ? [all[10]] : []);
      expect(held(keys.ALL_SLOTS)).toEqual([all[11]]);
      expect(held(keys.waitingRange(other))).toEqual(other === b ? [all[12]] : []);
      expect(held(keys.WAITING_FOR_SLOT)).toEqual([all[13]]);
      expect(held(keys.AWAITING_GROUP)).toEqual([all[14]]);
      expect(held(keys.OWING_END)).toEqual([all[15]]);
      expect(held(keys.notesRange(other))).toEqual(other === a ? [all[9]] : []);
      expect(held(keys.kindRange(a, "log"))).toEqual(kind === "log" ? [all[9]] : []);
      expect(keys.recordRanges(a, a).flatMap(held).sort(byUnits)).toEqual([...all.slice(0, 5), all[9]].sort());
    }),
    { numRuns: 1_000 },
  );
});
