import { checkEntries, type JobId, JobqError, type Timestamp, type Topic, type TopicEntry } from "@jobq/core";
import type { Guard } from "../reference/guarded.ts";
import { ReferenceTopics, type TopicData } from "../reference/reference-topics.ts";
import type { TopicMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const closing = (guard: Guard): TopicMutant =>
  class extends ReferenceTopics {
    static readonly guard = guard;
  };

type Name = "push" | "pop" | "popDue" | "nextDueAt" | "remove" | "topics" | "pause";

const NAMES = ["push", "pop", "popDue", "nextDueAt", "remove", "topics", "pause"] as const;

/** A method that takes a turn of the event loop, and a close that does not wait for it. */
const unawaited = (name: Name): TopicMutant =>
  class extends ReferenceTopics {
    constructor(data?: TopicData) {
      super(data);
      const right = this[name].bind(this) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(this, {
        async [name](...args: unknown[]): Promise<unknown> {
          await turn();
          return right(...args);
        },
      });
    }
  };

/** A method that fails, or does nothing, when the store is closed while it is under way. */
const ended = (name: Name, end: () => Promise<unknown>): TopicMutant =>
  class extends ReferenceTopics {
    #closed = false;
    constructor(data?: TopicData) {
      super(data);
      const right = this[name].bind(this) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(this, {
        [name]: async (...args: unknown[]): Promise<unknown> => {
          await tick();
          return this.#closed ? end() : right(...args);
        },
      });
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  };

const closed = (): Promise<never> => Promise.reject(new JobqError("CLOSED", "closed meanwhile"));

/** Entries stored as the mutant says. */
const adding = (change: (entry: TopicEntry) => TopicEntry): TopicMutant =>
  class extends ReferenceTopics {
    override add(entry: TopicEntry): void {
      super.add(change(entry));
    }
  };

const until = (most: Timestamp): TopicMutant =>
  adding((entry) => (entry.at === undefined ? entry : { ...entry, at: Math.min(entry.at, most) }));

/** Faults of a close, and with what is long, late or much. */
export const topicLimitMutants: Readonly<Record<string, TopicMutant>> = {
  "checks nothing": class extends ReferenceTopics {
    override check(): void {}
  },
  "checks ids only": class extends ReferenceTopics {
    override check(entries: readonly TopicEntry[]): void {
      checkEntries(entries.map((entry) => ({ ...entry, topic: "topic" })));
    }
  },
  "checks while it pushes": class extends ReferenceTopics {
    override check(): void {}
    override add(entry: TopicEntry): void {
      checkEntries([entry]);
      super.add(entry);
    }
  },
  "removes by trimmed ids": class extends ReferenceTopics {
    override drop(id: JobId): void {
      super.drop(id.trim());
    }
  },
  "removes by 64 characters": class extends ReferenceTopics {
    override drop(id: JobId): void {
      super.drop(id.slice(0, 64));
    }
  },
  ...Object.fromEntries(NAMES.map((name) => [`goes on with ${name} after close`, closing({ exempt: [name] })])),
  ...Object.fromEntries(NAMES.map((name) => [`closes without waiting for ${name}`, unawaited(name)])),
  ...Object.fromEntries(NAMES.map((name) => [`fails ${name} when it is closed meanwhile`, ended(name, closed)])),
  ...Object.fromEntries(
    (["remove", "pause"] as const).map((name) => [
      `drops a ${name} when it is closed meanwhile`,
      ended(name, () => Promise.resolve()),
    ]),
  ),
  "does not notice a close when there is nothing to do": closing({
    notices: ([what]) => !Array.isArray(what) || what.length > 0,
  }),
  "fails with anything after close": closing({ instead: () => Promise.reject(new Error("not open")) }),
  "answers nothing after close": closing({ instead: () => Promise.resolve([]) }),
  "keeps 254 characters of a topic": adding((entry) => ({ ...entry, topic: entry.topic.slice(0, 254) })),
  "keeps 128 characters of a topic": adding((entry) => ({ ...entry, topic: entry.topic.slice(0, 128) })),
  "pauses topics by 254 characters": class extends ReferenceTopics {
    override isPaused(topic: Topic): boolean {
      return [...this.data.paused].some((paused) => paused.slice(0, 254) === topic.slice(0, 254));
    }
  },
  "keeps instants until 2038": until((2 ** 31 - 1) * 1_000),
  "keeps instants until the year 9999": until(Date.UTC(9999, 11, 31)),
  "sorts instants as text": class extends ReferenceTopics {
    override delayed(): TopicEntry[] {
      return super.delayed().sort((a, b) => (String(a.at) < String(b.at) ? -1 : 1));
    }
  },
  ...Object.fromEntries(
    [1_000, 5_000, 9_999].flatMap((most) => [
      [
        `pops ${most} at most`,
        class extends ReferenceTopics {
          override pop(topic: Topic, limit: number): Promise<JobId[]> {
            return super.pop(topic, Math.min(limit, most));
          }
        },
      ],
      [
        `pops ${most} as due at most`,
        class extends ReferenceTopics {
          override popDue(now: Timestamp, limit: number): Promise<JobId[]> {
            return super.popDue(now, Math.min(limit, most));
          }
        },
      ],
      [
        `removes ${most} at most`,
        class extends ReferenceTopics {
          override remove(ids: readonly JobId[]): Promise<void> {
            return super.remove(ids.slice(0, most));
          }
        },
      ],
    ]),
  ),
};
