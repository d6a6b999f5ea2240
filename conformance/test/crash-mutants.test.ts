import type { Job, JobId, Note, QueueStore, TopicEntry, Unit, UnitOutcome, Write } from "@jobq/core";
import { describe, expect, it } from "vitest";
import { type CrashHarness, killAtEach, stories } from "../src/index.ts";
import { guarded } from "./reference/guarded.ts";
import { JobData, ReferenceJobs } from "./reference/reference-jobs.ts";
import { ReferencePair } from "./reference/reference-pair.ts";
import { ReferenceTopics, TopicData } from "./reference/reference-topics.ts";

/** Where the references write; it dies when it is told to. */
class Machine {
  #left = Number.POSITIVE_INFINITY;
  #isStored = false;

  dieAt(write: number, fate: "lost" | "stored"): void {
    this.#left = write;
    this.#isStored = fate === "stored";
  }

  write<T>(make: () => T): T {
    const left = --this.#left;
    if (left > 0) return make();
    if (left === 0 && this.#isStored) make();
    throw new Error("the machine has died");
  }
}

class MortalJobs extends ReferenceJobs {
  readonly machine: Machine;

  constructor(data: JobData, machine: Machine) {
    super(data);
    this.machine = machine;
  }

  override store(unit: Unit): UnitOutcome {
    return this.machine.write(() => super.store(unit));
  }
}

class MortalTopics extends ReferenceTopics {
  readonly #machine: Machine;

  constructor(data: TopicData, machine: Machine) {
    super(data);
    this.#machine = machine;
  }

  override async push(entries: readonly TopicEntry[]): Promise<void> {
    if (entries.length > 0) await this.#machine.write(() => super.push(entries));
  }

  override async remove(ids: readonly JobId[]): Promise<void> {
    if (ids.length > 0) await this.#machine.write(() => super.remove(ids));
  }

  override take(entries: readonly TopicEntry[]): JobId[] {
    return entries.length > 0 ? this.#machine.write(() => super.take(entries)) : [];
  }
}

/** Says that a unit is stored before it is. */
class HastyJobs extends MortalJobs {
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
class PiecemealJobs extends MortalJobs {
  override store(unit: Unit): UnitOutcome {
    return ReferenceJobs.prototype.store.call(this, unit);
  }
  override write(write: Write<Job>): void {
    this.machine.write(() => super.write(write));
  }
}

/** Writes notes after the jobs. */
class LateNotes extends MortalJobs {
  override store(unit: Unit): UnitOutcome {
    const { note = [], forget = [], ...jobs } = unit;
    const outcome = super.store(jobs);
    if (outcome.ok && note.length + forget.length > 0) super.store({ now: unit.now, note, forget });
    return outcome;
  }
  override note(note: Note): void {
    super.note(note);
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

type Parts = { readonly Jobs?: typeof MortalJobs; readonly Pair?: typeof ReferencePair };

function harness({ Jobs = MortalJobs, Pair = ReferencePair }: Parts): CrashHarness {
  return {
    name: "reference",
    async open() {
      const [jobs, topics, machine] = [new JobData(), new TopicData(), new Machine()];
      const pair = (jobs: ReferenceJobs, topics: ReferenceTopics): QueueStore =>
        Object.assign(new Pair(), { jobs: guarded(jobs), topics: guarded(topics) });
      return {
        store: pair(new Jobs(jobs, machine), new MortalTopics(topics, machine)),
        dieAt: (write, fate) => machine.dieAt(write, fate),
        reopen: async () => pair(new ReferenceJobs(jobs), new ReferenceTopics(topics)),
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
