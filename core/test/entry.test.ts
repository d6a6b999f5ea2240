import { compareEntries, entryOf, type JobQuery, matches, type TopicEntry } from "@jobq/core";
import { describe, expect, test } from "vitest";
import { NOW, SITUATIONS, type Situation, sampleJob } from "./sample-job.ts";

describe("the entry of a job", () => {
  const ready = { id: "job-1", topic: "topic", weight: 0 };
  const expected: Record<Situation, TopicEntry | undefined> = {
    due: { ...ready, at: NOW },
    ahead: { ...ready, at: NOW + 1 },
    blocked: undefined,
    ready,
    held: undefined,
    lapsed: undefined,
    done: undefined,
    canceled: undefined,
  };

  test.each(Object.keys(SITUATIONS) as Situation[])("that is %s follows the rule", (situation) => {
    expect(entryOf(SITUATIONS[situation])).toEqual(expected[situation]);
  });

  test("that waits for others is none, even when its instant is known", () => {
    expect(entryOf(sampleJob({ state: "delayed", runAt: NOW, blockers: ["a"] }))).toBeUndefined();
  });

  test("that is ready has no instant at all", () => {
    expect(Object.keys(entryOf(sampleJob({ weight: -3 })) as object)).toEqual(["id", "topic", "weight"]);
  });
});

test("entries run by weight, then by id", () => {
  const entries = [
    { id: "b", topic: "t", weight: 0 },
    { id: "a", topic: "t", weight: 0 },
    { id: "d", topic: "t", weight: -32_768 },
    { id: "c", topic: "t", weight: 32_767 },
  ];
  expect([...entries].sort(compareEntries).map(({ id }) => id)).toEqual(["d", "a", "b", "c"]);
  expect(compareEntries(entries[0] as TopicEntry, entries[0] as TopicEntry)).toBe(0);
});

describe("a query", () => {
  const job = sampleJob({ id: "b", tags: { env: "prod", team: "x" }, group: "bundle" });
  const reserved = { ...SITUATIONS.held, id: "b" };
  const canceled = { ...SITUATIONS.canceled, id: "b" };

  test.each<[Omit<JobQuery, "limit">, typeof job, boolean]>([
    [{}, job, true],
    [{ state: "ready" }, job, true],
    [{ state: "done" }, job, false],
    [{ reason: "exhausted" }, canceled, true],
    [{ reason: "exhausted" }, job, false],
    [{ topic: "topic", name: "name" }, job, true],
    [{ topic: "other" }, job, false],
    [{ name: "other" }, job, false],
    [{ group: "bundle" }, job, true],
    [{ group: "bundle" }, canceled, false],
    [{ after: "a" }, job, true],
    [{ after: "b" }, job, false],
    [{ tags: {} }, job, true],
    [{ tags: { env: "prod" } }, job, true],
    [{ tags: { env: "prod", team: "y" } }, job, false],
    [{ tags: { toString: "x" } }, job, false],
    [{ tags: { env: "prod" } }, canceled, false],
    [{ leaseEndsBy: NOW + 1 }, reserved, true],
    [{ leaseEndsBy: NOW }, reserved, false],
    [{ leaseEndsBy: NOW }, job, false],
    [{ finishedBy: NOW - 5 }, canceled, true],
    [{ finishedBy: NOW - 6 }, canceled, false],
    [{ finishedBy: NOW }, job, false],
  ])("%j: all that is given must hold", (query, against, answer) => {
    expect(matches({ ...query, limit: 1 }, against)).toBe(answer);
  });
});
