import { type Change, isRefusal, type Job, transition } from "@jobq/core";
import { expect, test } from "vitest";
import { NOW, SITUATIONS, sampleJob } from "./sample-job.ts";

const id = "job-1";
const token = 7;

function after(job: Job, change: Change, now = NOW): Job {
  const answer = transition(job, change, now);
  if (isRefusal(answer)) throw new Error(`refused with ${answer.code}`);
  return answer;
}

test("reserve counts the attempt, grows the token and holds for the job's timeout or the lease asked for", () => {
  const held = after(SITUATIONS.ready, { type: "reserve", id, by: "me" });
  expect(held).toMatchObject({ token: 7, attempt: 1, leaseUntil: NOW + 30_000, reservedAt: NOW, reservedBy: "me" });
  expect(after(SITUATIONS.ready, { type: "reserve", id, by: "me", leaseMs: 5 }).leaseUntil).toBe(NOW + 5);
});

test("reserve forgets the progress of the attempt before", () => {
  const job = sampleJob({ progress: { value: 0.9 } });
  expect(after(job, { type: "reserve", id, by: "me" }).progress).toBeUndefined();
});

test("extend never shortens a lease", () => {
  expect(after(SITUATIONS.held, { type: "extend", id, token, until: NOW + 500 }).leaseUntil).toBe(NOW + 500);
  expect(after(SITUATIONS.held, { type: "extend", id, token, until: NOW - 500 }).leaseUntil).toBe(NOW + 1);
  expect(after(SITUATIONS.held, { type: "extend", id, token }).leaseUntil).toBe(NOW + 1);
});

test("extend keeps the progress that it does not replace", () => {
  const first = after(SITUATIONS.held, { type: "extend", id, token, progress: { value: 0.5, message: "half" } });
  expect(first.progress).toEqual({ value: 0.5, message: "half" });
  expect(after(first, { type: "extend", id, token, until: NOW + 9 }).progress).toEqual(first.progress);
});

test("done keeps the result and forgets the error of an earlier attempt", () => {
  const done = after({ ...SITUATIONS.held, error: "once" }, { type: "done", id, token, result: "2" });
  expect(done).toMatchObject({ result: "2", finishedAt: NOW, attempt: 2 });
  expect(done.error).toBeUndefined();
});

test("retry counts the attempt and keeps the error", () => {
  const job = after(SITUATIONS.held, { type: "retry", id, token, at: NOW + 50, error: "no" });
  expect(job).toMatchObject({ attempt: 2, token, runAt: NOW + 50, error: "no" });
});

test("a job has one attempt more than it has retries", () => {
  for (const maxRetries of [0, 1, 3]) {
    let job = sampleJob({ maxRetries });
    let attempts = 0;
    while (job.state === "ready") {
      job = after(job, { type: "reserve", id, by: "me" });
      job = after(job, { type: "retry", id, token: job.token, error: "no" });
      attempts++;
    }
    expect(attempts).toBe(maxRetries + 1);
    expect(job).toMatchObject({ state: "canceled", reason: "exhausted", error: "no" });
  }
});

test("release and suspend cost no attempt", () => {
  expect(after(SITUATIONS.held, { type: "release", id, token }).attempt).toBe(1);
  expect(after(SITUATIONS.held, { type: "suspend", id, token, at: NOW + 5 })).toMatchObject({
    attempt: 1,
    runAt: NOW + 5,
  });
});

test("a lost lease costs no attempt and is counted apart", () => {
  expect(after(SITUATIONS.lapsed, { type: "expire", id })).toMatchObject({ attempt: 1, leaseLosses: 1, token });
});

test("a job ends as poison with the last lease loss it may have, whatever its retries", () => {
  let job = sampleJob({ maxLeaseLosses: 3, maxRetries: 1000 });
  for (let losses = 1; losses <= 3; losses++) {
    job = after(job, { type: "reserve", id, by: "me", leaseMs: 1 });
    job = after(job, { type: "expire", id }, NOW + 1);
    expect(job).toMatchObject({ state: losses < 3 ? "ready" : "canceled", leaseLosses: losses, attempt: 0 });
  }
  expect(job.reason).toBe("poison");
});

test("cancel keeps the reason and an earlier error unless it brings one", () => {
  const failed = { ...SITUATIONS.ready, error: "earlier" };
  expect(after(failed, { type: "cancel", id, reason: "dependency" })).toMatchObject({
    reason: "dependency",
    error: "earlier",
  });
  expect(after(failed, { type: "cancel", id, reason: "expired", error: "late" }).error).toBe("late");
});

test("reset begins anew: attempts and losses are back at 0, the token is not", () => {
  const job = after(
    { ...SITUATIONS.canceled, leaseLosses: 2, error: "no", progress: { value: 1 } },
    { type: "reset", id },
  );
  expect(job).toMatchObject({ state: "ready", attempt: 0, leaseLosses: 0, resetCount: 1, token });
  for (const gone of ["finishedAt", "reason", "error", "progress", "result"] as const)
    expect(job[gone]).toBeUndefined();
});

test("unblock takes one blocker at a time, once, and keeps the instant", () => {
  const job = sampleJob({ state: "delayed", blockers: ["a", "b"], runAt: NOW + 5 });
  const one = after(job, { type: "unblock", id, by: "a" });
  expect(one).toMatchObject({ state: "delayed", blockers: ["b"] });
  expect(after(one, { type: "unblock", id, by: "a" })).toEqual(one);
  const none = after(one, { type: "unblock", id, by: "b" });
  expect(none).toMatchObject({ state: "delayed", runAt: NOW + 5 });
  expect(none.blockers).toBeUndefined();
  expect(after(one, { type: "unblock", id, by: "b" }, NOW + 5).state).toBe("ready");
});

test("suspend waits for the instant and the blockers", () => {
  const job = after(SITUATIONS.held, { type: "suspend", id, token, at: NOW + 5, blockers: ["a"] });
  expect(job).toMatchObject({ state: "delayed", runAt: NOW + 5, blockers: ["a"] });
  expect(isRefusal(transition(job, { type: "promote", id }, NOW + 9))).toBe(true);
});
