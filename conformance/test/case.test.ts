import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { describe, expect, it } from "vitest";
import {
  type Case,
  type Conforming,
  jobRepositoryCases,
  pairCases,
  runCase,
  topicRepositoryCases,
} from "../src/index.ts";

/** The store, with members of names that a pair has. */
function withMore<S extends object>(store: S): S {
  return new Proxy(store, {
    has: (target, name) => name === "jobs" || name === "topics" || name === "within" || Reflect.has(target, name),
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const first = <S extends Conforming>(cases: readonly Case<S>[], id: string) => cases.find((one) => one.id === id);

describe("a case", () => {
  it("has an id of its own", () => {
    const ids = [...jobRepositoryCases, ...topicRepositoryCases, ...pairCases].map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) < index)).toEqual([]);
  });

  it("takes a repository for one, whatever members it has", async () => {
    const open = { name: "more", open: async () => ({ store: withMore(memoryJobs()) }) };
    await runCase(first(jobRepositoryCases, "J-10") as never, open);
    const topics = { name: "more", open: async () => ({ store: withMore(memoryTopics()) }) };
    await runCase(first(topicRepositoryCases, "T-10") as never, topics);
  });

  it("fails when the harness lacks what the store declares, and still closes the store", async () => {
    const jobs = memoryJobs();
    const store = Object.assign(withMore(jobs), { capabilities: { durable: true, shared: false } });
    const run = runCase(first(jobRepositoryCases, "J-05") as never, { name: "lost", open: async () => ({ store }) });
    await expect(run).rejects.toThrow(/"lost" must supply reopen/);
    await expect(jobs.tally()).rejects.toMatchObject({ code: "CLOSED" });
  });
});
