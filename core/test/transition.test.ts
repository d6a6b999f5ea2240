import {
  type Change,
  type ChangeType,
  isRefusal,
  JOB_STATES,
  type Job,
  type JobState,
  TRANSITIONS,
  transition,
} from "@jobq/core";
import { describe, expect, test } from "vitest";
import { faultsOf, NOW, SITUATIONS, type Situation, sampleJob } from "./sample-job.ts";

const id = "job-1";
const VALID = 7;
const STALE = 6;

/** One change to a job in each situation: the state that follows, `-` for INVALID_STATE, `x` for LEASE_LOST. */
interface Row {
  readonly title: string;
  readonly change: Change;
  readonly expected: Readonly<Record<Situation, string>>;
}

function row(title: string, change: Change, outcomes: string): Row {
  const words = outcomes.trim().split(/\s+/);
  const names = Object.keys(SITUATIONS) as Situation[];
  return { title, change, expected: Object.fromEntries(names.map((name, at) => [name, words[at]])) as Row["expected"] };
}

// biome-ignore format: a table
const TABLE: readonly Row[] = [
  //                                                                         due      ahead    blocked  ready    held     lapsed   done     canceled
  row("promote", { type: "promote", id },                                  "ready    -        -        -        -        -        -        -       "),
  row("unblock by its blocker", { type: "unblock", id, by: "first" },      "delayed  delayed  ready    ready    reserved reserved done     canceled"),
  row("unblock by a failure", { type: "unblock", id, by: "first", fails: true }, "delayed delayed canceled ready reserved reserved done   canceled"),
  row("unblock by another", { type: "unblock", id, by: "other" },          "delayed  delayed  delayed  ready    reserved reserved done     canceled"),
  row("reserve", { type: "reserve", id, by: "me" },                        "-        -        -        reserved -        -        -        -       "),
  row("extend", { type: "extend", id, token: VALID, until: NOW + 9 },      "x        x        x        x        reserved reserved x        x       "),
  row("extend, stale", { type: "extend", id, token: STALE },               "x        x        x        x        x        x        x        x       "),
  row("done", { type: "done", id, token: VALID, result: "2" },             "x        x        x        x        done     done     x        x       "),
  row("done, stale", { type: "done", id, token: STALE },                   "x        x        x        x        x        x        x        x       "),
  row("retry at once", { type: "retry", id, token: VALID },                "x        x        x        x        ready    ready    x        x       "),
  row("retry now", { type: "retry", id, token: VALID, at: NOW },           "x        x        x        x        ready    ready    x        x       "),
  row("retry later", { type: "retry", id, token: VALID, at: NOW + 1 },     "x        x        x        x        delayed  delayed  x        x       "),
  row("retry, stale", { type: "retry", id, token: STALE },                 "x        x        x        x        x        x        x        x       "),
  row("release", { type: "release", id, token: VALID },                    "x        x        x        x        ready    ready    x        x       "),
  row("release, stale", { type: "release", id, token: STALE },             "x        x        x        x        x        x        x        x       "),
  row("suspend", { type: "suspend", id, token: VALID },                    "x        x        x        x        ready    ready    x        x       "),
  row("suspend until", { type: "suspend", id, token: VALID, at: NOW + 1 }, "x        x        x        x        delayed  delayed  x        x       "),
  row("suspend for", { type: "suspend", id, token: VALID, awaits: "" },    "x        x        x        x        delayed  delayed  x        x       "),
  row("suspend, stale", { type: "suspend", id, token: STALE },             "x        x        x        x        x        x        x        x       "),
  row("expire", { type: "expire", id },                                    "-        -        -        -        -        ready    -        -       "),
  row("expire until", { type: "expire", id, at: NOW + 1 },                 "-        -        -        -        -        delayed  -        -       "),
  row("cancel", { type: "cancel", id, reason: "canceled" },                "canceled canceled canceled canceled canceled canceled -        -       "),
  row("cancel, held", { type: "cancel", id, reason: "rejected", token: VALID }, "x   x        x        x        canceled canceled x        x       "),
  row("cancel, stale", { type: "cancel", id, reason: "rejected", token: STALE }, "x  x        x        x        x        x        x        x       "),
  row("wake", { type: "wake", id },                                        "delayed  delayed  delayed  ready    reserved reserved -        -       "),
  row("admit", { type: "admit", id, slot: 0 },                             "-        -        -        -        -        -        -        -       "),
  row("link", { type: "link", id },                                        "delayed  delayed  delayed  ready    reserved reserved -        -       "),
  row("resolve", { type: "resolve", id, told: 1 },                         "-        -        -        -        -        -        -        -       "),
  row("freeKey", { type: "freeKey", id },                                  "delayed  delayed  delayed  ready    reserved reserved done     canceled"),
  row("check", { type: "check", id },                                      "delayed  delayed  delayed  ready    reserved reserved -        -       "),
  row("reset", { type: "reset", id },                                      "-        -        -        -        -        -        ready    ready   "),
];

/** Where each change may lead. */
const LEADS: { readonly [T in ChangeType]: readonly JobState[] } = {
  promote: ["ready", "canceled"],
  unblock: JOB_STATES,
  wake: ["delayed", "ready", "reserved"],
  reserve: ["reserved", "canceled"],
  extend: ["reserved"],
  done: ["done"],
  retry: ["delayed", "ready", "canceled"],
  release: ["ready"],
  suspend: ["delayed", "ready"],
  expire: ["delayed", "ready", "canceled"],
  cancel: ["canceled"],
  admit: ["ready"],
  link: ["delayed", "ready", "reserved"],
  resolve: ["done", "canceled"],
  freeKey: JOB_STATES,
  check: ["delayed", "ready", "reserved"],
  reset: ["ready"],
};

/** What the situations lack that some changes ask for. */
const MORE: Readonly<Record<string, readonly Job[]>> = {
  promote: [sampleJob({ ...SITUATIONS.due, expiresAt: NOW })],
  reserve: [sampleJob({ expiresAt: NOW })],
  wake: [sampleJob({ state: "delayed", awaits: "" })],
  admit: [sampleJob({ state: "delayed", limit: { key: "key", concurrency: 1 } })],
  resolve: [SITUATIONS.done, SITUATIONS.canceled].map((job) => sampleJob({ ...job, links: 1 })),
};

/** Both ways to the end that need a limit to be reached. */
const ENDS: readonly (readonly [string, Partial<typeof SITUATIONS.held>, Change])[] = [
  ["retry without retries left", { maxRetries: 1 }, { type: "retry", id, token: VALID, at: NOW + 1 }],
  ["expire for the last time", { leaseLosses: 2, leaseUntil: NOW }, { type: "expire", id }],
];

describe.each(TABLE)("$title", ({ change, expected }) => {
  test.each(Object.entries(expected) as [Situation, string][])("of a %s job: %s", (situation, outcome) => {
    const before = structuredClone(SITUATIONS[situation]);
    const answer = transition(SITUATIONS[situation], change, NOW);
    expect(SITUATIONS[situation]).toEqual(before);
    if (outcome === "-" || outcome === "x") {
      const code = outcome === "x" ? "LEASE_LOST" : "INVALID_STATE";
      expect(answer).toEqual({ ok: false, code, id, job: before });
      return;
    }
    if (isRefusal(answer)) throw new Error(`refused with ${answer.code}`);
    expect(answer.state).toBe(outcome);
    expect(answer).not.toBe(SITUATIONS[situation]);
    expect(faultsOf(answer)).toEqual([]);
  });
});

describe("the table of transitions", () => {
  test("has the seventeen changes, each of which is tried on every state", () => {
    expect(new Set(TABLE.map(({ change }) => change.type))).toEqual(new Set(Object.keys(TRANSITIONS)));
    expect(Object.keys(TRANSITIONS)).toHaveLength(17);
    expect(new Set(Object.values(SITUATIONS).map(({ state }) => state))).toEqual(new Set(JOB_STATES));
  });

  test.each(Object.keys(TRANSITIONS) as ChangeType[])(
    "names exactly where %s starts, and it leads where it should",
    (type) => {
      const reached = new Set<JobState>();
      const left = new Set<JobState>();
      const tried = TABLE.map(({ change }) => change).filter((change) => change.type === type);
      const jobs = Object.values(SITUATIONS).flatMap((job) => [
        job,
        ...ENDS.filter(([, , change]) => change.type === type && job.state === "reserved").map(([, limits]) =>
          sampleJob({ ...job, ...limits }),
        ),
      ]);
      jobs.push(...(MORE[type] ?? []));
      for (const job of jobs) {
        for (const change of tried) {
          const answer = transition(job, change, NOW);
          if (isRefusal(answer)) continue;
          left.add(job.state);
          reached.add(answer.state);
        }
      }
      expect([...left].sort()).toEqual([...TRANSITIONS[type].from].sort());
      expect([...reached].sort()).toEqual([...LEADS[type]].sort());
    },
  );

  test.each(ENDS)("%s cancels", (_, limits, change) => {
    const answer = transition(sampleJob({ ...SITUATIONS.held, ...limits }), change, NOW);
    expect(answer).toMatchObject({
      state: "canceled",
      reason: change.type === "retry" ? "exhausted" : "poison",
      finishedAt: NOW,
    });
  });
});
