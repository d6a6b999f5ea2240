import { testJob } from "@jobq/conformance";
import type { Change, Job } from "@jobq/core";
import { expect, test } from "vitest";
import { StagedCommit } from "../src/commit/staged-commit.ts";

const NOW = 1000;
const job: Job = testJob(1, {
  tags: { color: "red" },
  limit: { key: "key", concurrency: 1 },
  state: "reserved",
  token: 1,
  slot: 0,
  leaseUntil: NOW + 1000,
  progress: { value: 0.5 },
});

/** The jobs that are written for a change of one that is reserved. */
function written(change: Change): readonly string[] {
  const staged = new StagedCommit(new Map([[job.id, job]]));
  expect(staged.apply({ now: NOW, apply: [change] })).toMatchObject({ ok: true });
  return staged
    .updates()
    .flat()
    .map(({ after }) => after.id);
}

test("a job of tags, a limit and progress is written when something of it has changed, and only then", () => {
  expect(written({ type: "extend", id: job.id, token: 1 })).toEqual([]);
  expect(written({ type: "unblock", id: job.id, by: "other" })).toEqual([]);
  expect(written({ type: "extend", id: job.id, token: 1, progress: { value: 0.6 } })).toEqual([job.id]);
  expect(written({ type: "link", id: job.id })).toEqual([job.id]);
});
