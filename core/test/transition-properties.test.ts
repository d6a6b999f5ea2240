import { type Change, isFinal, isRefusal, type Job, TRANSITIONS, transition } from "@jobq/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { faultsOf, NOW, sampleJob } from "./sample-job.ts";

type Step = (job: Job, now: number) => Change;

const id = "job-1";
const offset = fc.integer({ min: -50, max: 50 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const blocker = fc.constantFrom("a", "b", "c");

/** A holder whose token is right, or off by one. */
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>(() => ({ type: "promote", id })),
  blocker.map<Step>((by) => () => ({ type: "unblock", id, by })),
  fc.constantFrom("wake", "link", "check", "freeKey").map<Step>((type) => () => ({ type, id })),
  fc.integer({ min: 1, max: 3 }).map<Step>((told) => () => ({ type: "resolve", id, told })),
  fc.integer({ min: 0, max: 2 }).map<Step>((slot) => () => ({ type: "admit", id, slot })),
  fc.integer({ min: 1, max: 40 }).map<Step>((leaseMs) => () => ({ type: "reserve", id, by: "me", leaseMs })),
  fc
    .tuple(fc.integer({ min: -1, max: 0 }), maybe(offset), fc.constantFrom(undefined, "", "group"))
    .chain(([off, at, awaits]) =>
      fc.constantFrom("extend", "done", "retry", "release", "suspend", "cancel").map<Step>((type) => (job, now) => {
        const token = job.token + off;
        const instant = at === undefined ? {} : { at: now + at };
        if (type === "extend") return { type, id, token, until: now + (at ?? 0) };
        if (type === "retry") return { type, id, token, ...instant };
        if (type === "suspend") return { type, id, token, ...instant, awaits };
        if (type === "cancel") return { type, id, token, reason: "rejected" };
        return { type, id, token } as Change;
      }),
    ),
  maybe(offset).map<Step>(
    (at) => (_, now) => (at === undefined ? { type: "expire", id } : { type: "expire", id, at: now + at }),
  ),
  fc.constant<Step>(() => ({ type: "cancel", id, reason: "canceled" })),
  fc.constant<Step>(() => ({ type: "reset", id })),
);

const histories = fc.array(fc.tuple(steps, fc.integer({ min: 0, max: 30 })), { minLength: 1, maxLength: 60 });

/** Runs a history and shows each change that was allowed. */
function live(history: readonly (readonly [Step, number])[], see: (before: Job, change: Change, after: Job) => void) {
  let job = sampleJob({ maxRetries: 2, maxLeaseLosses: 2 });
  let now = NOW;
  for (const [step, ms] of history) {
    now += ms;
    const change = step(job, now);
    const answer = transition(job, change, now);
    if (isRefusal(answer)) continue;
    see(job, change, answer);
    job = answer;
  }
  return job;
}

function property(see: (before: Job, change: Change, after: Job) => void) {
  fc.assert(
    fc.property(histories, (history) => void live(history, see)),
    { numRuns: 500 },
  );
}

test("the token grows by one with a reservation and never otherwise", () => {
  property((before, change, after) => expect(after.token - before.token).toBe(change.type === "reserve" ? 1 : 0));
});

function kept({ links: _, unique: __, uniqueSpan: ___, ...job }: Job) {
  return job;
}

test("a job that has ended changes by nothing but reset, but for its links and its key", () => {
  property((before, change, after) => {
    if (!isFinal(before.state) || change.type === "reset") return;
    expect(kept(after)).toEqual(kept(before));
  });
});

test("every change starts where the table says, and leads to a job that lacks nothing", () => {
  property((before, { type }, after) => {
    expect(TRANSITIONS[type].from).toContain(before.state);
    expect(faultsOf(after)).toEqual([]);
  });
});

test("a change of a holder is allowed to the latest reservation alone", () => {
  property((before, change) => {
    if (!("token" in change)) return;
    expect([before.state, change.token]).toEqual(["reserved", before.token]);
  });
});

test("an attempt is a reservation that was neither given back nor lost", () => {
  fc.assert(
    fc.property(histories, (history) => {
      let attempts = 0;
      live(history, (_, { type }, after) => {
        if (type === "reserve") attempts++;
        if (type === "release" || type === "suspend" || type === "expire") attempts--;
        if (type === "reset") attempts = 0;
        expect(after.attempt).toBe(attempts);
      });
    }),
    { numRuns: 500 },
  );
});

test("attempts never exceed the retries by more than one, and lost leases never exceed their limit", () => {
  property((_, __, { attempt, maxRetries, leaseLosses, maxLeaseLosses }) => {
    expect(attempt).toBeLessThanOrEqual(maxRetries + 1);
    expect(leaseLosses).toBeLessThanOrEqual(maxLeaseLosses);
  });
});

test("nothing but its status changes, and a refused change changes nothing at all", () => {
  const spec = sampleJob({ maxRetries: 2, maxLeaseLosses: 2 });
  fc.assert(
    fc.property(histories, (history) => {
      const { id, topic, name, weight, createdAt, maxRetries, timeoutMs, payload } = live(history, () => {});
      expect({ ...spec, id, topic, name, weight, createdAt, maxRetries, timeoutMs, payload }).toEqual(spec);
    }),
  );
});
