import type { Job, QueueStore, Unit, UnitOutcome, Write } from "@jobq/core";
import { describe, expect, it } from "vitest";
import { type CrashHarness, killAtEach, stories, WriteFaults } from "../src/index.ts";
import { guarded } from "./reference/guarded.ts";
import { JobData, ReferenceJobs } from "./reference/reference-jobs.ts";
import { ReferencePair } from "./reference/reference-pair.ts";
import { ReferenceTopics, TopicData } from "./reference/reference-topics.ts";

/** Says that a unit is stored before it is. */
class HastyJobs extends ReferenceJobs {
  override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
    return super.commit(units).catch(() =>
      units.map(({ apply = [], insert = [] }) => ({
        ok: true,
        inserted: insert.map(({ id }) => id),
        leftOut: [],
        changed: apply.flatMap(({ id }) => this.data.jobs.get(id) ?? []),
        removed: [],
      })),
    );
  }
}

/** Writes the jobs of a unit one by one. */
class PiecemealJobs extends ReferenceJobs {
  override persist<T>(make: () => T): T {
    return make();
  }
  override write(write: Write<Job>): void {
    this.data.faults.write(() => super.write(write));
  }
}

/** Writes notes after the jobs. */
class LateNotes extends ReferenceJobs {
  override store(unit: Unit): UnitOutcome {
    const { note = [], forget = [], ...jobs } = unit;
    const outcome = super.store(jobs);
    if (outcome.ok && note.length + forget.length > 0) super.store({ now: unit.now, note, forget });
    return outcome;
  }
}

class Unhealed extends ReferencePair {
  override async *recover(): AsyncGenerator<number> {}
}

/** Recovers what lost its entry, and leaves those that nobody wants and that were to move. */
class ReadyOnly extends ReferencePair {
  override async *recover(): AsyncGenerator<number> {
    await this.follow((await this.jobs.find({ state: "ready", limit: 100 })).map(({ id }) => id));
  }
}

type Parts = { readonly Jobs?: typeof ReferenceJobs; readonly Pair?: typeof ReferencePair };

function harness({ Jobs = ReferenceJobs, Pair = ReferencePair }: Parts): CrashHarness {
  return {
    name: "reference",
    async open() {
      const faults = new WriteFaults();
      const [jobs, topics] = [new JobData(faults), new TopicData(faults)];
      const pair = (jobs: ReferenceJobs, topics: ReferenceTopics): QueueStore =>
        Object.assign(new Pair(), { jobs: guarded(jobs), topics: guarded(topics) });
      return {
        store: pair(new Jobs(jobs), new ReferenceTopics(topics)),
        dieAt: faults.dieAt,
        reopen: async () => {
          const { jobs: stored, notes } = jobs;
          const { entries, paused } = topics;
          return pair(
            new ReferenceJobs(Object.assign(new JobData(), { jobs: stored, notes })),
            new ReferenceTopics(Object.assign(new TopicData(), { entries, paused })),
          );
        },
      };
    },
  };
}

const faulty = async (parts: Parts): Promise<string[]> => {
  const found: string[] = [];
  for (const story of stories) {
    await killAtEach(story, harness(parts)).catch(() => void found.push(story.id));
  }
  return found;
};

describe("stories of deaths", () => {
  it("pass over the reference", async () => {
    expect(await faulty({})).toEqual([]);
  });

  it.each([
    ["acknowledges what it has not written", { Jobs: HastyJobs }, ["C-01", "C-02", "C-03", "C-04"]],
    ["writes the jobs of a unit one by one", { Jobs: PiecemealJobs }, ["C-01", "C-02", "C-03", "C-04"]],
    ["writes notes after the jobs", { Jobs: LateNotes }, ["C-04"]],
    ["recovers no entries", { Pair: Unhealed }, ["C-01", "C-02", "C-03", "C-04"]],
    ["recovers entries of ready jobs only", { Pair: ReadyOnly }, ["C-02"]],
  ])("a store that %s fails", async (_, parts, expected) => {
    expect(await faulty(parts as Parts)).toEqual(expect.arrayContaining(expected));
  });
});
