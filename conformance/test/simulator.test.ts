import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, it } from "vitest";
import { SimulationFailure, simulate, simulateMany } from "../src/simulator.ts";
import { kept, seedsFrom, sites } from "./simulator/sites.ts";

const open = sites["memory, kept"];

/** Forgets a job as soon as it is canceled. */
function forgetful() {
  const jobs = memoryJobs();
  const find: typeof jobs.find = async (query) => (await jobs.find(query)).filter(({ state }) => state !== "canceled");
  return kept({ jobs: Object.assign(Object.create(jobs), bound(jobs), { find }), topics: memoryTopics() });
}

/** The methods of the object, each with its `this`. */
function bound<T extends object>(object: T): Partial<T> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(object)).filter((name) => name !== "constructor");
  const methods = names.map((name) => [name, (Reflect.get(object, name) as () => unknown).bind(object)]);
  return { ...Object.fromEntries(methods), ...object };
}

async function failureOf(seed: number): Promise<SimulationFailure> {
  const failure = await simulate({ seed, open: forgetful }).catch((error: unknown) => error);
  if (failure instanceof SimulationFailure) return failure;
  throw new TypeError(`seed ${seed} breaks nothing`);
}

describe("a simulation", () => {
  it("is the same history each time it has the same seed", async () => {
    for (const seed of seedsFrom(1, 20)) expect(await simulate({ seed, open })).toEqual(await simulate({ seed, open }));
  });

  it("is another history for every seed", async () => {
    const reports = await simulateMany({ seeds: seedsFrom(1, 50), open });
    expect(new Set(reports.map(({ fingerprint }) => fingerprint)).size).toBe(50);
  });

  it("has port calls that fail and processes that die", async () => {
    const reports = await simulateMany({ seeds: seedsFrom(1, 50), open });
    const sum = (of: "faults" | "deaths" | "jobs") => reports.reduce((total, report) => total + report[of], 0);
    expect(sum("jobs")).toBeGreaterThan(500);
    expect(sum("faults")).toBeGreaterThan(50);
    expect(sum("deaths")).toBeGreaterThan(30);
  });

  it("is as long as it is asked to be", async () => {
    const short = await simulate({ seed: 3, open, steps: 5 });
    const long = await simulate({ seed: 3, open, steps: 200 });
    expect(short.calls).toBeLessThan(long.calls);
  });
});

describe("a simulation that breaks a promise", () => {
  it("says which seed it was, which promise, and how to get there", async () => {
    const failure = await failureOf(2);
    expect(failure).toMatchObject({ seed: 2, promised: "P1 durable" });
    expect(failure.message).toContain("seed 2 breaks P1 durable");
    expect(failure.message).toMatch(/enqueue j\d+ on/);
  });

  it("is cut down to the steps that it takes", async () => {
    for (const seed of seedsFrom(2, 5)) expect((await failureOf(seed)).steps.length).toBeLessThanOrEqual(6);
  });

  it("fails alike when it is played again", async () => {
    const [first, second] = [await failureOf(2), await failureOf(2)];
    expect(first.message).toBe(second.message);
    expect(first.trace).toEqual(second.trace);
  });
});
