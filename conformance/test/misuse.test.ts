import type { JobRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { describe, expect, it } from "vitest";
import {
  type Case,
  type CrashHarness,
  crashSuite,
  type Harness,
  jobRepositoryCases,
  jobRepositorySuite,
  killAtEach,
  pairCases,
  pairSuite,
  type Runner,
  runCase,
  type Story,
  stories,
  topicRepositoryCases,
  topicRepositorySuite,
  WriteFaults,
} from "../src/index.ts";
import { type Site, simulate, simulateMany } from "../src/simulator.ts";
import { kept } from "./simulator/sites.ts";

const runner: Runner = { describe: (_, body) => body(), it: () => undefined };
const stores = {
  jobs: memoryJobs,
  topics: memoryTopics,
  pair: () => compose(memoryJobs(), memoryTopics()),
};
const harness = (more: object = {}): Harness<JobRepository> => ({
  name: "mine",
  open: async () => ({ store: memoryJobs() }),
  ...more,
});
const opening = (opened: object | undefined) => harness({ open: async () => opened });

/** Runs the first case of the kit about jobs: it checks nothing that needs a store. */
const run = (one: Harness<JobRepository>) => runCase(jobRepositoryCases[0] as Case<JobRepository>, one);

describe("a suite", () => {
  const suites: Record<string, (runner: Runner, harness: never) => void> = {
    jobRepositorySuite,
    topicRepositorySuite,
    pairSuite,
    crashSuite,
  };

  it.each(Object.entries(suites))("%s is refused a runner by which no test would be registered", (_, suite) => {
    const { describe, it } = runner;
    expect(() => suite(undefined as never, harness() as never)).toThrow(/the runner .*describe and it.*undefined/);
    expect(() => suite({ describe } as never, harness() as never)).toThrow(/^it of the runner .*function.*undefined/);
    expect(() => suite({ it } as never, harness() as never)).toThrow(/^describe of the runner .*function.*undefined/);
    expect(() => suite({ describe: "x", it } as never, harness() as never)).toThrow(/^describe of the runner.*"x"/);
    expect(() => suite({ describe, it: describe } as never, harness() as never)).toThrow(/describe and it.*one/);
  });

  it.each(Object.entries(suites))("%s is refused a harness that is none", (_, suite) => {
    expect(() => suite(runner, undefined as never)).toThrow(/the harness must be an object, got undefined/);
    expect(() => suite(runner, { nam: "a", open: async () => ({}) } as never)).toThrow(/"nam".*"name"/);
    expect(() => suite(runner, { name: "a" } as never)).toThrow(/open of the harness.*undefined/);
  });

  it("registers every case", () => {
    const titles: string[] = [];
    jobRepositorySuite({ describe: (_, body) => body(), it: (title) => titles.push(title) }, harness());
    expect(titles).toHaveLength(jobRepositoryCases.length);
  });
});

describe("a case", () => {
  const kits: Record<keyof typeof stores, readonly Case<never>[]> = {
    jobs: jobRepositoryCases as never,
    topics: topicRepositoryCases as never,
    pair: pairCases as never,
  };

  it.each([
    ["jobs", "topics", /must be a job repository, got a topic repository/],
    ["jobs", "pair", /must be a job repository, got a store made of both/],
    ["topics", "jobs", /must be a topic repository, got a job repository/],
    ["topics", "pair", /must be a topic repository, got a store made of both/],
    ["pair", "jobs", /must be a store made of both.*, got a job repository/],
    ["pair", "topics", /must be a store made of both.*, got a topic repository/],
  ] as const)("about %s is refused %s, also where it would check nothing", async (kit, kind, message) => {
    for (const one of kits[kit]) {
      const open = async () => ({ store: stores[kind]() as never });
      await expect(runCase(one, { name: "mine", open })).rejects.toThrow(message);
    }
  });

  it("names what the store lacks", async () => {
    await expect(run(opening({ store: {} }))).rejects.toThrow(/"mine".*an object without commit\(\), get\(\)/);
    await expect(run(opening({ store: 7 }))).rejects.toThrow(/got 7 without/);
    await expect(run(opening({}))).rejects.toThrow(/an object with a store/);
    await expect(run(opening(undefined))).rejects.toThrow(/an object with a store, got undefined/);
  });

  it("is refused a harness with members that do not exist, or are of the wrong type", async () => {
    await expect(run(harness({ oneConection: true }))).rejects.toThrow(/"oneConection".*"oneConnection"/);
    await expect(run(harness({ oneConnection: "no" }))).rejects.toThrow(/oneConnection .*boolean, got "no"/);
    await expect(run(harness({ inProcessClock: 1 }))).rejects.toThrow(/inProcessClock .*boolean, got 1/);
    const store = memoryJobs();
    await expect(run(opening({ store, dispos: async () => {} }))).rejects.toThrow(/"dispos".*"dispose"/);
    for (const member of ["reopen", "second", "begin", "damage", "failAt", "dispose"])
      await expect(run(opening({ store, [member]: true }))).rejects.toThrow(
        new RegExp(`^${member} .*function, got true`),
      );
  });

  it("cleans up behind a store of another kind", async () => {
    const topics = memoryTopics();
    let isDisposed = false;
    const dispose = async () => {
      isDisposed = true;
    };
    await expect(run(opening({ store: topics, dispose }))).rejects.toThrow(/topic repository/);
    await expect(topics.topics()).rejects.toMatchObject({ code: "CLOSED" });
    expect(isDisposed).toBe(true);
  });
});

describe("the crashes", () => {
  const story = stories[0] as Story;
  const faults = new WriteFaults();
  const mortal = { store: stores.pair(), dieAt: faults.dieAt, reopen: async () => stores.pair() };
  const crash = (opened: object, more: object = {}) =>
    killAtEach(story, { name: "mine", open: async () => opened, ...more } as CrashHarness);

  it("are refused what cannot be killed", async () => {
    await expect(crash({ ...mortal, dieAt: undefined })).rejects.toThrow(/^dieAt .*function, got undefined/);
    await expect(crash({ ...mortal, reopen: 1 })).rejects.toThrow(/^reopen .*function, got 1/);
    await expect(crash({ ...mortal, dispos: () => {} })).rejects.toThrow(/"dispos".*"dispose"/);
    await expect(crash({ ...mortal, store: memoryJobs() })).rejects.toThrow(/store made of both.*got a job repository/);
  });

  it("are refused a step that meets no write, or each of them for ever", async () => {
    for (const every of [0, -1, 0.5, Number.NaN]) await expect(crash(mortal, { every })).rejects.toThrow(RangeError);
    await expect(crash(mortal, { every: "2" })).rejects.toThrow(/every of the harness must be a number, got "2"/);
  });
});

describe("the simulator", () => {
  const connect = () => ({ jobs: memoryJobs(), topics: memoryTopics() });
  const open = () => ({ connect });
  const at = (site: unknown) => simulate({ seed: 1, open: () => site as Site });

  it("is refused options that do not exist, or that play nothing", async () => {
    await expect(simulate({ seed: 1, open, step: 9 } as never)).rejects.toThrow(/"step".*"steps"/);
    await expect(simulate({ open } as never)).rejects.toThrow(/seed must be a whole number, got undefined/);
    await expect(simulate({ seed: 1 } as never)).rejects.toThrow(/open must be a function, got undefined/);
    await expect(simulate({ seed: 1, open, steps: 0 })).rejects.toThrow(/steps must be a whole number from 1, got 0/);
    await expect(simulateMany({ seeds: [], open })).rejects.toThrow(/at least one seed/);
  });

  it("is refused stores that are none, and says whose", async () => {
    await expect(at({ conect: connect })).rejects.toThrow(/"conect".*"connect"/);
    await expect(at({ connect, processes: 0 })).rejects.toThrow(/processes .*from 1, got 0/);
    const swapped = () => ({ jobs: memoryTopics(), topics: memoryJobs() });
    await expect(at({ connect: swapped })).rejects.toThrow(
      /jobs of .* must be a job repository, got a topic repository/,
    );
    await expect(simulate({ seed: 1, open: () => kept(connect()), steps: 1 })).resolves.toMatchObject({ seed: 1 });
  });
});
