import { expect, test } from "vitest";
import {
  admittedSlots,
  applyUnit,
  heldSlot,
  type Job,
  type JobId,
  type Lookup,
  resetKeys,
  type Unit,
  unitReads,
} from "../src/index.ts";
import { NOW, sampleJob } from "./sample-job.ts";

const ended = (id: JobId, unique: string) =>
  sampleJob({ id, unique, state: "canceled", reason: "canceled", finishedAt: NOW });
const stored = new Map<JobId, Job>(
  [sampleJob({ id: "held", unique: "key" }), ended("was", "old"), ended("twin", "key"), sampleJob({ id: "plain" })].map(
    (job) => [job.id, job],
  ),
);

const units: readonly Unit[] = [
  {
    now: NOW,
    insert: [sampleJob({ id: "new", unique: "key" }), sampleJob({ id: "more" }), ended("past", "unheld")],
    apply: [{ type: "cancel", id: "held", reason: "canceled" }],
  },
  {
    now: NOW,
    apply: [
      { type: "reset", id: "was" },
      { type: "reset", id: "gone" },
    ],
    note: [{ id: "plain", kind: "log", key: "k", value: "v", at: NOW }],
    remove: ["plain", "held"],
    purge: ["twin"],
  },
];

test("units name the jobs and the unique keys that have to be read, each once", () => {
  const { ids, uniqueKeys } = unitReads(units);
  expect([...ids].sort()).toEqual(["gone", "held", "more", "new", "past", "plain", "twin", "was"]);
  expect(uniqueKeys).toEqual(["key"]);
  expect(unitReads([{ now: NOW }])).toEqual({ ids: [], uniqueKeys: [], slots: [] });
});

test("the keys that resets take again are those of the jobs that were read", () => {
  expect(resetKeys(units, (id) => stored.get(id))).toEqual(["old"]);
  expect(resetKeys(units, () => undefined)).toEqual([]);
});

test("a unit is worked out from these reads alone as from the whole store", () => {
  const holder = (unique: string) =>
    [...stored.values()].find((job) => job.unique === unique && job.state !== "canceled")?.id;
  const slotHolder = (slot: string) => [...stored.values()].find((job) => heldSlot(job) === slot)?.id;
  const whole: Lookup<Job> = { job: (id) => stored.get(id), holder, slotHolder };
  for (const unit of units) {
    const { ids, uniqueKeys, slots } = unitReads([unit]);
    const jobs = new Map(ids.flatMap((id) => (stored.has(id) ? [[id, stored.get(id) as Job]] : [])));
    const keys = [...uniqueKeys, ...resetKeys([unit], (id) => jobs.get(id))];
    const holders = new Map(keys.map((key) => [key, whole.holder(key)]));
    const names = [...slots, ...admittedSlots([unit], (id) => jobs.get(id))];
    const slotHolders = new Map(names.map((slot) => [slot, whole.slotHolder(slot)]));
    const read: Lookup<Job> = {
      job: (id) => jobs.get(id),
      holder: (unique) => holders.get(unique),
      slotHolder: (slot) => slotHolders.get(slot),
    };
    expect(applyUnit(unit, read)).toEqual(applyUnit(unit, whole));
  }
});
