import type { ReservedJob } from "@jobq/service";
import { describe, expect, it } from "vitest";
import { seedsFrom, sites } from "../../conformance/test/simulator/sites.ts";
import { BrokenPromise, playWorkers } from "./worker-histories/play.ts";
import type { Tamper } from "./worker-histories/world.ts";

/** More of them are played by `npm run soak -- --play workers`. */
const SEEDS = seedsFrom(1, 3);

describe("workers keep their promises, whatever handlers do, processes die of and stores fail at,", () => {
  it.each(Object.entries(sites))("over %s", async (_, open) => {
    let [runs, faults, deaths] = [0, 0, 0];
    for (const seed of SEEDS) {
      const played = await playWorkers({ seed, open });
      runs += played.runs;
      faults += played.faults;
      deaths += played.deaths;
    }
    expect(runs).toBeGreaterThan(10 * SEEDS.length);
    expect(faults + deaths).toBeGreaterThan(0);
  });
});

it("a history of workers is the same each time it has the same seed", async () => {
  const open = sites["memory, kept"];
  expect((await playWorkers({ seed: 3, open })).trace).toEqual((await playWorkers({ seed: 3, open })).trace);
});

function withMethods(methods: (job: ReservedJob) => Partial<ReservedJob>): Tamper {
  return (job) => [Object.assign(job, methods(job))];
}

const MUTANTS: Readonly<Record<string, readonly [Tamper, RegExp]>> = {
  "a service that hands jobs out twice": [(job) => [job, job], /runs twice by one reservation/],
  "a job that is not done when it says so": [withMethods(() => ({ done: async () => {} })), /done is told of it/],
  "a job that is not given back": [
    withMethods(() => ({ release: async () => {} })),
    /has stopped and holds|lost a lease/,
  ],
  "a lease that is not renewed": [withMethods(() => ({ extend: async () => {} })), /lost a lease/],
  "an attempt that does not count": [withMethods((job) => ({ retry: () => job.release() })), /told of it/],
  "a job that is rejected as it is tried again": [withMethods((job) => ({ retry: () => job.cancel() })), /ends it so/],
};

describe("histories of workers find", () => {
  it.each(Object.entries(MUTANTS))("%s", async (_, [tamper, violation]) => {
    const broken: string[] = [];
    for (let seed = 1; broken.length === 0 && seed < 50; seed++) {
      await playWorkers({ seed, open: sites["memory, kept"], tamper }).catch((error) => {
        if (!(error instanceof BrokenPromise)) throw error;
        broken.push(error.message);
      });
    }
    expect(broken).toEqual([expect.stringMatching(violation)]);
  });
});
