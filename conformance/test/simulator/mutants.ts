import {
  type Change,
  type Job,
  JobqError,
  type JobRepository,
  type Note,
  type TopicRepository,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import type { Promised, Site, Stores } from "../../src/simulator.ts";
import { kept, memoryTopicsApart } from "./sites.ts";

/** A broken site, and the promises of which it breaks one first. */
export interface Mutant {
  readonly open: () => Site;
  readonly breaks: readonly Promised[];
}

type Members<P> = { readonly [K in keyof P]?: P[K] };

/** The port with some members in place of its own. */
function replaced<P extends object>(port: P, members: Members<P>): P {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(key in members ? members : target, key);
      return typeof member === "function" ? member.bind(key in members ? members : target) : member;
    },
  });
}

function brokenJobs(breakIt: (jobs: JobRepository) => Members<JobRepository>): () => Site {
  return () => {
    const jobs = memoryJobs();
    return kept({ jobs: replaced(jobs, breakIt(jobs)), topics: memoryTopicsApart() });
  };
}

function brokenTopics(breakIt: (topics: TopicRepository) => Members<TopicRepository>): () => Site {
  return () => {
    const topics = memoryTopicsApart();
    return kept({ jobs: memoryJobs(), topics: replaced(topics, breakIt(topics)) });
  };
}

/** A repository that commits other units than it is given. */
function committing(change: (unit: Unit, jobs: JobRepository) => Unit | Promise<Unit>): () => Site {
  return brokenJobs((jobs) => ({
    commit: async (units) => jobs.commit(await Promise.all(units.map((unit) => change(unit, jobs)))),
  }));
}

function changing(change: (change: Change) => Change): () => Site {
  return committing((unit) => (unit.apply ? { ...unit, apply: unit.apply.map(change) } : unit));
}

/** Writes what a holder asks for as if it held the latest reservation. */
async function withLatestToken(unit: Unit, jobs: JobRepository): Promise<Unit> {
  if (!unit.apply) return unit;
  const apply = unit.apply.map(async (change) => {
    const [job] = await jobs.get([change.id]);
    return "token" in change && job ? { ...change, token: job.token } : change;
  });
  return { ...unit, apply: await Promise.all(apply) };
}

/** Says that units were stored of which some were not. */
function losing(lost: (unit: Unit, index: number) => boolean): () => Site {
  let count = 0;
  return brokenJobs((jobs) => ({
    async commit(units) {
      const stored = units.map((unit) => !lost(unit, count++));
      const outcomes = await jobs.commit(units.filter((_, index) => stored[index]));
      return units.map((unit, index): UnitOutcome => (stored[index] ? outcomes.shift() : undefined) ?? pretended(unit));
    },
  }));
}

function pretended({ insert = [] }: Unit): UnitOutcome {
  return { ok: true, inserted: insert.map(({ id }) => id), leftOut: [], changed: [], removed: [] };
}

/** Keeps unique keys from those who would see to them. */
function blindToKeys(): Site {
  const keys = new Map<string, string | undefined>();
  const hide = (job: Job): Job => {
    keys.set(job.id, job.unique);
    return { ...job, unique: undefined };
  };
  const shown = brokenJobs((jobs) => ({
    commit: (units) => jobs.commit(units.map((unit) => ({ ...unit, insert: unit.insert?.map(hide) ?? [] }))),
    find: async (query) => (await jobs.find(query)).map((head) => ({ ...head, unique: keys.get(head.id) })),
  }));
  return shown();
}

const inserting = (unit: Unit): boolean => (unit.insert?.length ?? 0) > 0;

/** A store that is broken in one way each. */
export const mutants: Readonly<Record<string, Mutant>> = {
  "a repository that ignores tokens": {
    open: committing(withLatestToken),
    breaks: ["P2 one holder", "P7 no attempt lost"],
  },
  "a repository that loses an insert now and then": {
    open: losing((unit, index) => inserting(unit) && index % 7 === 3),
    breaks: ["P1 durable"],
  },
  "a repository whose jobs die with each process": {
    open: () => ({ connect: (): Stores => ({ jobs: memoryJobs(), topics: memoryTopicsApart() }) }),
    breaks: ["P1 durable"],
  },
  "a repository in which a recovery finds nothing": {
    open: brokenJobs((jobs) => ({
      find: async (query) => (query.state === "ready" || query.state === "delayed" ? [] : jobs.find(query)),
    })),
    breaks: ["P3 at least once", "entries"],
  },
  "a repository that stores the first two inserts of a unit": {
    open: committing((unit) => (unit.insert ? { ...unit, insert: unit.insert.slice(0, 2) } : unit)),
    breaks: ["P6 whole units", "P1 durable"],
  },
  "a repository that does not enforce unique keys": { open: blindToKeys, breaks: ["P8 unique"] },
  "a repository that forgets to expire": {
    open: committing((unit) => ({ ...unit, apply: unit.apply?.filter(({ type }) => type !== "expire") ?? [] })),
    breaks: ["P3 at least once", "errors"],
  },
  "a repository that counts no lost leases": {
    open: committing(async (unit, jobs) => {
      const apply = (unit.apply ?? []).map(async (change): Promise<Change> => {
        const [job] = await jobs.get([change.id]);
        return change.type === "expire" && job ? { type: "release", id: job.id, token: job.token } : change;
      });
      return { ...unit, apply: await Promise.all(apply) };
    }),
    breaks: ["P7 no attempt lost"],
  },
  "a repository in which a release costs an attempt": {
    open: changing((change) => (change.type === "release" ? { ...change, type: "retry" } : change)),
    breaks: ["P7 no attempt lost"],
  },
  "a repository in which a done job can be canceled": {
    open: committing(async (unit, jobs) => {
      const [change] = unit.apply ?? [];
      if (change?.type !== "cancel" || (await jobs.get([change.id]))[0]?.state !== "done") return unit;
      return {
        ...unit,
        apply: [
          { type: "reset", id: change.id },
          { type: "cancel", id: change.id, reason: "canceled" },
        ],
      };
    }),
    breaks: ["P4 final"],
  },
  "a repository that gives shorter leases than it was asked for": {
    open: changing((change) => (change.type === "reserve" ? { ...change, leaseMs: 500 } : change)),
    breaks: ["P2 one holder"],
  },
  "a repository that counts a job twice when it is canceled": {
    open: brokenJobs((jobs) => ({
      tally: async () => (await jobs.tally()).map((t) => (t.state === "canceled" ? { ...t, count: t.count + 1 } : t)),
    })),
    breaks: ["tally"],
  },
  "a repository that fails now and then": {
    open: () => {
      let count = 0;
      return brokenJobs((jobs) => ({
        async commit(units) {
          if (count++ % 20 === 10) throw new JobqError("STORE_FAILED", "failed by itself");
          return jobs.commit(units);
        },
      }))();
    },
    breaks: ["errors"],
  },
  "topics that lose a push now and then": {
    open: () => {
      let count = 0;
      return brokenTopics((topics) => ({
        push: async (entries) => (count++ % 9 === 4 ? undefined : topics.push(entries)),
      }))();
    },
    breaks: ["P3 at least once", "entries"],
  },
  "topics that keep the first of several entries": {
    open: brokenTopics((topics) => ({ push: (entries) => topics.push(entries.slice(0, 1)) })),
    breaks: ["P3 at least once", "entries"],
  },
  "topics without weights": {
    open: brokenTopics((topics) => ({
      push: (entries) => topics.push(entries.map((entry) => ({ ...entry, weight: 0 }))),
    })),
    breaks: ["P5 order"],
  },
  "topics in which delayed entries are never due": {
    open: brokenTopics(() => ({ popDue: async () => [] })),
    breaks: ["P3 at least once", "entries"],
  },
  "a repository that forgets who waits for a job": {
    open: committing((unit) => ({
      ...unit,
      apply: unit.apply?.filter(({ type }) => type !== "link") ?? [],
      note: unit.note?.filter(({ kind }) => kind !== "link") ?? [],
    })),
    breaks: ["P3 at least once"],
  },
  "a repository in which nobody waits for others": {
    open: committing((unit) => ({
      ...unit,
      insert: unit.insert?.map((job) => (job.blockers ? { ...job, blockers: undefined, state: "ready" } : job)) ?? [],
    })),
    breaks: ["P11 waits"],
  },
  "a repository in which the first end is enough": {
    open: changing((change) => (change.type === "unblock" ? { ...change, all: true } : change)),
    breaks: ["P11 waits"],
  },
  "a repository in which what fails is as good as done": {
    open: changing((change) => {
      if (change.type !== "unblock") return change;
      const { type, id, by } = change;
      return { type, id, by };
    }),
    breaks: ["P11 waits", "P3 at least once"],
  },
  "a repository that forgets a wake of a job that is reserved": {
    open: committing(async (unit, jobs) => {
      const held = new Set((await jobs.find({ state: "reserved", limit: 10_000 })).map(({ id }) => id));
      return { ...unit, apply: unit.apply?.filter(({ type, id }) => type !== "wake" || !held.has(id)) ?? [] };
    }),
    breaks: ["P1 durable"],
  },
  "a repository in which a suspended job is ready": {
    open: changing((change) =>
      change.type === "suspend" ? { type: "suspend", id: change.id, token: change.token } : change,
    ),
    breaks: ["P1 durable", "P2 one holder", "P7 no attempt lost"],
  },
  "a repository that finds no member of a group": {
    open: brokenJobs((jobs) => ({ find: async (query) => (query.group === undefined ? jobs.find(query) : []) })),
    breaks: ["P11 waits"],
  },
  "a repository that has as many slots as are asked for": {
    open: () => {
      let slots = 100;
      return changing((change) => (change.type === "admit" ? { ...change, slot: slots++ } : change))();
    },
    breaks: ["P14 limits"],
  },
  "a repository in which a slot that was held once is held for ever": {
    open: () => {
      const held = new Map<string, Set<number>>();
      return brokenJobs((jobs) => ({
        async slots(limitKeys, count) {
          const slots = await jobs.slots(limitKeys, count);
          return slots.map(({ held: now, waiting }, index) => {
            const key = limitKeys[index] as string;
            const ever = new Set([...(held.get(key) ?? []), ...now]);
            held.set(key, ever);
            return { held: [...ever], waiting };
          });
        },
      }))();
    },
    breaks: ["P3 at least once"],
  },
  "a repository in which a recovery finds nobody who is owed an end": {
    open: brokenJobs((jobs) => ({ find: async (query) => (query.owes ? [] : jobs.find(query)) })),
    breaks: ["P3 at least once"],
  },
  "a repository in which a recovery finds nobody who waits for a group": {
    open: brokenJobs((jobs) => ({ find: async (query) => (query.awaitsGroup ? [] : jobs.find(query)) })),
    breaks: ["P3 at least once"],
  },
  "a repository in which a recovery finds nobody who waits for a slot": {
    open: brokenJobs((jobs) => ({ find: async (query) => (query.slot === "awaited" ? [] : jobs.find(query)) })),
    breaks: ["P3 at least once"],
  },
  "a repository that loses a line of a log now and then": {
    open: () => {
      let count = 0;
      const isKept = ({ kind }: Note): boolean => kind !== "log" || count++ % 3 > 0;
      return committing((unit) => (unit.note ? { ...unit, note: unit.note.filter(isKept) } : unit))();
    },
    breaks: ["notes"],
  },
  "a repository that keeps a line of a log twice": {
    open: committing((unit) => {
      const again = (unit.note ?? []).filter(({ kind }) => kind === "log").map((n) => ({ ...n, key: `${n.key}+` }));
      return again.length > 0 ? { ...unit, note: [...(unit.note ?? []), ...again] } : unit;
    }),
    breaks: ["notes"],
  },
};
