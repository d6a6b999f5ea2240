import {
  type Change,
  heldKey,
  heldSlot,
  isPurgeable,
  isRefusal,
  type Job,
  transition,
  type UniqueSpan,
  waitsForSlot,
} from "@jobq/core";
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

test("unblock by the one that was enough waits for none of the others", () => {
  const job = sampleJob({ state: "delayed", blockers: ["a", "b"] });
  expect(after(job, { type: "unblock", id, by: "b", all: true })).toMatchObject({ state: "ready" });
  expect(after(job, { type: "unblock", id, by: "c", all: true })).toEqual(job);
});

test("unblock by one that failed cancels as dependency when none is left, or at once with all", () => {
  const job = sampleJob({ state: "delayed", blockers: ["a", "b"], runAt: NOW + 5 });
  const one = after(job, { type: "unblock", id, by: "a", fails: true });
  expect(one).toMatchObject({ state: "delayed", blockers: ["b"] });
  const canceledBy = (by: string) => ({
    ...{ state: "canceled", reason: "dependency", finishedAt: NOW },
    error: `job ${by}, which it waited for, was canceled or removed`,
  });
  expect(after(one, { type: "unblock", id, by: "b", fails: true })).toMatchObject(canceledBy("b"));
  expect(after(job, { type: "unblock", id, by: "a", fails: true, all: true })).toMatchObject(canceledBy("a"));
});

test("suspend waits for the instant or for a wake, whichever comes first", () => {
  const job = after(SITUATIONS.held, { type: "suspend", id, token, at: NOW + 5, awaits: "group" });
  expect(job).toMatchObject({ state: "delayed", runAt: NOW + 5, awaits: "group", attempt: 1 });
  const due = after(job, { type: "promote", id }, NOW + 5);
  const woken = after(job, { type: "wake", id });
  for (const ready of [due, woken]) {
    expect(ready.state).toBe("ready");
    expect([ready.runAt, ready.awaits]).toEqual([undefined, undefined]);
  }
  const forever = after(SITUATIONS.held, { type: "suspend", id, token, awaits: "" });
  expect(forever).toMatchObject({ state: "delayed", awaits: "" });
  expect(isRefusal(transition(forever, { type: "promote", id }, NOW + 9))).toBe(true);
});

test("a wake that comes while the job is reserved is remembered until it suspends, and no longer", () => {
  const held = after(SITUATIONS.held, { type: "wake", id });
  expect(held).toMatchObject({ state: "reserved", woken: true });
  expect(after(held, { type: "suspend", id, token, at: NOW + 5, awaits: "" })).toMatchObject({ state: "ready" });
  expect(after(held, { type: "suspend", id, token, at: NOW + 5 })).toMatchObject({ state: "delayed" });
  const again = after(after(held, { type: "release", id, token }), { type: "reserve", id, by: "me" });
  expect(again.woken).toBeUndefined();
  expect(after(held, { type: "done", id, token }).woken).toBeUndefined();
});

test("a wake says nothing to a job that awaits none, and does not stand in for its blockers", () => {
  for (const job of [SITUATIONS.ahead, SITUATIONS.blocked, SITUATIONS.ready]) {
    expect(after(job, { type: "wake", id })).toEqual(job);
  }
  const both = sampleJob({ state: "delayed", awaits: "group", blockers: ["a"] });
  const woken = after(both, { type: "wake", id });
  expect(woken).toMatchObject({ state: "delayed", blockers: ["a"] });
  expect(after(both, { type: "unblock", id, by: "a" })).toMatchObject({ state: "delayed", awaits: "group" });
  expect(after(woken, { type: "unblock", id, by: "a" }).state).toBe("ready");
});

test("a job that is met after its time to live is canceled as expired, by whatever would have handed it out", () => {
  const expired = { state: "canceled", reason: "expired", finishedAt: NOW };
  const reserve = { type: "reserve", id, by: "me" } as const;
  expect(after(sampleJob({ expiresAt: NOW }), reserve)).toMatchObject({ ...expired, token: 0, attempt: 0 });
  expect(after(sampleJob({ expiresAt: NOW + 1 }), reserve)).toMatchObject({ state: "reserved" });
  expect(after(sampleJob({ ...SITUATIONS.due, expiresAt: NOW }), { type: "promote", id })).toMatchObject(expired);
});

test("a job with a limit waits for a slot whenever nothing else is missing, and keeps it until its end", () => {
  const limit = { key: "tenant", concurrency: 1 };
  const delayed = sampleJob({ state: "delayed", runAt: NOW, limit });
  expect(waitsForSlot(delayed)).toBe(false);
  const waiting = after(delayed, { type: "promote", id });
  expect(waiting.state).toBe("delayed");
  expect(waitsForSlot(waiting)).toBe(true);
  expect(isRefusal(transition(delayed, { type: "admit", id, slot: 0 }, NOW))).toBe(true);
  const admitted = after(waiting, { type: "admit", id, slot: 3 });
  expect(admitted).toMatchObject({ state: "ready", slot: 3 });
  expect(heldSlot(admitted)).toBe("3/tenant");
  const held = after(admitted, { type: "reserve", id, by: "me" });
  expect(after(held, { type: "retry", id, token: 1, at: NOW + 1 })).toMatchObject({ state: "delayed", slot: 3 });
  const done = after(held, { type: "done", id, token: 1 });
  expect(heldSlot(done)).toBeUndefined();
  expect(waitsForSlot(after(done, { type: "reset", id }))).toBe(true);
});

test("links count who waits for the end, and are resolved by whoever told exactly so many", () => {
  const twice = after(after(SITUATIONS.held, { type: "link", id }), { type: "link", id });
  expect(twice.links).toBe(2);
  const done = after(twice, { type: "done", id, token });
  expect(isRefusal(transition(done, { type: "link", id }, NOW))).toBe(true);
  expect(isRefusal(transition(done, { type: "resolve", id, told: 1 }, NOW))).toBe(true);
  expect(isPurgeable(done)).toBe(false);
  const resolved = after(done, { type: "resolve", id, told: 2 });
  expect(resolved.links).toBeUndefined();
  expect(isPurgeable(resolved)).toBe(true);
});

test("check holds for a live job, with blockedBy for one that still waits for that, with lastToken for one of that token", () => {
  const holds = (job: Job, blockedBy?: string, lastToken?: number) =>
    !isRefusal(transition(job, { type: "check", id, blockedBy, lastToken }, NOW));
  expect([SITUATIONS.blocked, SITUATIONS.ready, SITUATIONS.held, SITUATIONS.done].map((job) => holds(job))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([holds(SITUATIONS.blocked, "first"), holds(SITUATIONS.blocked, "other")]).toEqual([true, false]);
  expect([token - 1, token, token + 1].map((one) => holds(SITUATIONS.held, undefined, one))).toEqual([
    false,
    true,
    false,
  ]);
  expect([holds(SITUATIONS.blocked, "first", 1), holds(SITUATIONS.done, undefined, token)]).toEqual([false, false]);
});

test("a unique key is held until the end, until the first reservation, or for as long as the job is stored", () => {
  const keyed = (uniqueSpan?: UniqueSpan) => sampleJob({ unique: "key", uniqueSpan });
  const held = (job: Job) => after(job, { type: "reserve", id, by: "me" });
  const done = (job: Job) => after(held(job), { type: "done", id, token: 1 });
  const spans = [undefined, "queued", "kept"] as const;
  const lives = (make: (job: Job) => Job) => spans.map((span) => heldKey(make(keyed(span))) === "key");
  expect(lives((job) => job)).toEqual([true, true, true]);
  expect(lives(held)).toEqual([true, false, true]);
  expect(lives((job) => after(held(job), { type: "release", id, token: 1 }))).toEqual([true, false, true]);
  expect(lives(done)).toEqual([false, false, true]);
  expect(lives((job) => after(done(job), { type: "freeKey", id }))).toEqual([false, false, false]);
});
