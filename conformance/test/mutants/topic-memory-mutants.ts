import type { JobId, Timestamp, Topic, TopicEntry, TopicInfo } from "@jobq/core";
import { ReferenceTopics } from "../reference/reference-topics.ts";
import type { TopicMutant } from "./mutant.ts";

/** What a handle has read, remembered until it writes itself. */
class Remembering extends ReferenceTopics {
  readonly #seen = new Map<string, unknown>();

  override async push(entries: readonly TopicEntry[]): Promise<void> {
    this.#seen.clear();
    await super.push(entries);
  }

  override async pause(topic: Topic, paused: boolean): Promise<void> {
    this.#seen.clear();
    await super.pause(topic, paused);
  }

  async remember<T>(key: string, read: () => Promise<T>, keep: (value: T) => boolean = () => true): Promise<T> {
    if (this.#seen.has(key)) return structuredClone(this.#seen.get(key) as T);
    const value = await read();
    if (keep(value)) this.#seen.set(key, structuredClone(value));
    return value;
  }
}

/** Faults of a handle that believes nobody else writes, and of pauses. */
export const topicMemoryMutants: Readonly<Record<string, TopicMutant>> = {
  "remembers which topics are empty": class extends Remembering {
    override pop(topic: Topic, limit: number): Promise<JobId[]> {
      return this.remember(
        `pop ${topic}`,
        () => super.pop(topic, limit),
        (ids) => ids.length === 0,
      );
    }
  },
  "remembers which topics are empty, until a pop of another": class extends ReferenceTopics {
    #empty: Topic | undefined;
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      if (this.#empty === topic) return [];
      const ids = await super.pop(topic, limit);
      this.#empty = ids.length === 0 ? topic : undefined;
      return ids;
    }
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.#empty = undefined;
      await super.push(entries);
    }
  },
  "remembers what comes next": class extends ReferenceTopics {
    readonly #next = new Map<Topic, TopicEntry[]>();
    override ready(topic: Topic): TopicEntry[] {
      const known = this.#next.get(topic)?.filter((entry) => this.data.entries.get(entry.id) === entry);
      if (known?.length) return known;
      const list = super.ready(topic);
      this.#next.set(topic, list);
      return list;
    }
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.#next.clear();
      await super.push(entries);
    }
  },
  "begins where it stopped": class extends ReferenceTopics {
    readonly #floors = new Map<Topic, TopicEntry>();
    override ready(topic: Topic): TopicEntry[] {
      const floor = this.#floors.get(topic);
      return super.ready(topic).filter((entry) => floor === undefined || this.compare(entry, floor) > 0);
    }
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      const last = this.isPaused(topic) ? undefined : this.ready(topic).slice(0, limit).at(-1);
      const ids = await super.pop(topic, limit);
      if (last) this.#floors.set(topic, last);
      return ids;
    }
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      for (const { topic } of entries) this.#floors.delete(topic);
      await super.push(entries);
    }
  },
  "pops what it remembers, gone or not": class extends ReferenceTopics {
    #next: TopicEntry[] = [];
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      if (limit > 1 || this.isPaused(topic)) return super.pop(topic, limit);
      const [next = this.ready(topic)[0], ...more] = this.#next.filter((entry) => entry.topic === topic);
      this.#next = more.length ? more : this.ready(topic).slice(1, 4);
      return next ? this.take([next]) : [];
    }
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.#next = [];
      await super.push(entries);
    }
    override async remove(ids: readonly JobId[]): Promise<void> {
      this.#next = [];
      await super.remove(ids);
    }
  },
  "remembers that nothing is due": class extends Remembering {
    override popDue(now: Timestamp, limit: number): Promise<JobId[]> {
      return this.remember(
        "due",
        () => super.popDue(now, limit),
        (ids) => ids.length === 0,
      );
    }
  },
  "remembers the next instant": class extends Remembering {
    override nextDueAt(): Promise<Timestamp | undefined> {
      return this.remember("next", () => super.nextDueAt());
    }
  },
  "remembers that nothing is delayed": class extends Remembering {
    override nextDueAt(): Promise<Timestamp | undefined> {
      return this.remember(
        "next",
        () => super.nextDueAt(),
        (at) => at === undefined,
      );
    }
  },
  "looks for what is due when the instant it remembers has come": class extends ReferenceTopics {
    #next: Timestamp | undefined;
    override async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
      if (this.#next !== undefined && now < this.#next) return [];
      const ids = await super.popDue(now, limit);
      this.#next = this.delayed()[0]?.at;
      return ids;
    }
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.#next = undefined;
      await super.push(entries);
    }
  },
  "remembers the counts": class extends Remembering {
    override topics(): Promise<TopicInfo[]> {
      return this.remember("topics", () => super.topics());
    }
  },
  "remembers that there are no topics": class extends Remembering {
    override topics(): Promise<TopicInfo[]> {
      return this.remember(
        "topics",
        () => super.topics(),
        (infos) => infos.length === 0,
      );
    }
  },
  "remembers which topics run": class extends ReferenceTopics {
    readonly #running = new Set<Topic>();
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      if (this.#running.has(topic)) return this.take(this.ready(topic).slice(0, limit));
      if (!this.isPaused(topic)) this.#running.add(topic);
      return super.pop(topic, limit);
    }
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      this.#running.delete(topic);
      await super.pause(topic, paused);
    }
  },
  "remembers which topics are paused": class extends ReferenceTopics {
    readonly #paused = new Set<Topic>();
    override isPaused(topic: Topic): boolean {
      if (super.isPaused(topic)) this.#paused.add(topic);
      return this.#paused.has(topic);
    }
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      this.#paused.delete(topic);
      await super.pause(topic, paused);
    }
  },
  "counts how often a topic was paused": class extends ReferenceTopics {
    readonly #times = new Map<Topic, number>();
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      const times = Math.max(0, (this.#times.get(topic) ?? 0) + (paused ? 1 : -1));
      this.#times.set(topic, times);
      await super.pause(topic, times > 0);
    }
  },
  "counts how often a topic was resumed": class extends ReferenceTopics {
    readonly #times = new Map<Topic, number>();
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      const times = Math.min(1, (this.#times.get(topic) ?? 0) + (paused ? 1 : -1));
      this.#times.set(topic, times);
      await super.pause(topic, times > 0);
    }
  },
  "keeps a pause for each handle": class extends ReferenceTopics {
    readonly #own = new Set<Topic>();
    override isPaused(topic: Topic): boolean {
      return this.#own.has(topic) || super.isPaused(topic);
    }
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      if (paused) this.#own.add(topic);
      else this.#own.delete(topic);
      await super.pause(topic, paused);
    }
  },
};
