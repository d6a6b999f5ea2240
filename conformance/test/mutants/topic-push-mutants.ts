import type { JobId, Topic, TopicEntry, TopicInfo } from "@jobq/core";
import { ReferenceTopics, type TopicData } from "../reference/reference-topics.ts";
import type { TopicMutant } from "./mutant.ts";

/** Ready entries in the order of the mutant. */
const ordered = (compare: (a: TopicEntry, b: TopicEntry) => number): TopicMutant =>
  class extends ReferenceTopics {
    override compare(a: TopicEntry, b: TopicEntry): number {
      return compare(a, b);
    }
  };

/** Entries changed before they are added. */
const adding = (change: (entry: TopicEntry, data: TopicData) => TopicEntry | undefined): TopicMutant =>
  class extends ReferenceTopics {
    override add(entry: TopicEntry): void {
      const changed = change(entry, this.data);
      if (changed) super.add(changed);
    }
  };

const byId = (a: TopicEntry, b: TopicEntry): number => (a.id < b.id ? -1 : 1);

/** Faults of a topic repository: pushing, popping, removing. */
export const topicPushMutants: Readonly<Record<string, TopicMutant>> = {
  "pops the highest weight first": ordered((a, b) => b.weight - a.weight || byId(a, b)),
  "pops the latest of equal weights first": ordered((a, b) => a.weight - b.weight || byId(b, a)),
  "pops equal weights in the order of the pushes": ordered((a, b) => a.weight - b.weight),
  "pops by id whatever the weight": ordered(byId),
  "sorts weights as text": ordered((a, b) =>
    String(a.weight) < String(b.weight) ? -1 : a.weight === b.weight ? byId(a, b) : 1,
  ),
  "sorts weights without their sign": ordered((a, b) => (a.weight & 0xffff) - (b.weight & 0xffff) || byId(a, b)),
  "pops delayed entries": class extends ReferenceTopics {
    override isReady(entry: TopicEntry, topic: Topic): boolean {
      return entry.topic === topic;
    }
  },
  "pops entries that were delayed until an instant in the past": adding(({ at, ...entry }) =>
    at === 0 ? entry : { ...entry, ...(at !== undefined && { at }) },
  ),
  "pops entries of topics that begin alike": class extends ReferenceTopics {
    override isReady(entry: TopicEntry, topic: Topic): boolean {
      return entry.topic.startsWith(topic) && entry.at === undefined;
    }
  },
  "keeps the entries that it is given": class extends ReferenceTopics {
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.check(entries);
      for (const entry of entries) this.add(entry);
    }
  },
  "pops without a limit": class extends ReferenceTopics {
    override async pop(topic: Topic): Promise<JobId[]> {
      return super.pop(topic, 100_000);
    }
  },
  "pops one when asked for a few": class extends ReferenceTopics {
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      return super.pop(topic, limit < 10 ? 1 : limit);
    }
  },
  "leaves in what it pops": class extends ReferenceTopics {
    #turns = 0;
    override take(entries: readonly TopicEntry[]): JobId[] {
      this.#turns += 1;
      return this.#turns > 50 ? super.take(entries) : entries.map(({ id }) => id);
    }
  },
  "pops from an order made at the first pop": class extends ReferenceTopics {
    readonly #order = new Map<Topic, TopicEntry[]>();
    override ready(topic: Topic): TopicEntry[] {
      const first = this.#order.get(topic) ?? super.ready(topic);
      this.#order.set(topic, first);
      const now = new Set(super.ready(topic));
      const known = first.filter((entry) => now.delete(entry));
      return [...known, ...now];
    }
  },
  "finds no entry when asked for an unknown topic, and lists it": class extends ReferenceTopics {
    readonly #asked = new Set<Topic>();
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      this.#asked.add(topic);
      return super.pop(topic, limit);
    }
    override async topics(): Promise<TopicInfo[]> {
      const infos = await super.topics();
      const missing = [...this.#asked].filter((topic) => !infos.some((info) => info.topic === topic));
      return [...infos, ...missing.map((topic) => ({ topic, ready: 0, delayed: 0, paused: false }))];
    }
  },
  "duplicates an entry that is pushed again": class extends ReferenceTopics {
    readonly #more = new Map<Topic, JobId[]>();
    override add(entry: TopicEntry): void {
      const before = this.data.entries.get(entry.id);
      if (before) this.#more.set(before.topic, [...(this.#more.get(before.topic) ?? []), entry.id]);
      super.add(entry);
    }
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      return [...(await super.pop(topic, limit)), ...(this.#more.get(topic)?.splice(0) ?? [])].slice(0, limit);
    }
  },
  "keeps the first place of an entry": adding((entry, { entries }) => entries.get(entry.id) ?? entry),
  "keeps the weight of an entry that is pushed again": adding((entry, { entries }) => ({
    ...entry,
    weight: entries.get(entry.id)?.weight ?? entry.weight,
  })),
  "keeps the topic of an entry that is pushed again": adding((entry, { entries }) => ({
    ...entry,
    topic: entries.get(entry.id)?.topic ?? entry.topic,
  })),
  "keeps the instant of an entry that is pushed again": adding((entry, { entries }) => ({
    ...entry,
    ...(entries.get(entry.id)?.at === undefined ? {} : { at: entries.get(entry.id)?.at as number }),
  })),
  "keeps a delayed entry where it is when it is delayed again": adding((entry, { entries }) => {
    const before = entries.get(entry.id);
    return entry.at !== undefined && before?.at !== undefined ? before : entry;
  }),
  "keeps the first of an id that is twice in a push": class extends ReferenceTopics {
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      await super.push(entries.filter(({ id }, index) => entries.findIndex((entry) => entry.id === id) === index));
    }
  },
  "takes an id that was popped or removed never again": class extends ReferenceTopics {
    readonly #gone = new Set<JobId>();
    override drop(id: JobId): void {
      this.#gone.add(id);
      super.drop(id);
    }
    override add(entry: TopicEntry): void {
      if (!this.#gone.has(entry.id)) super.add(entry);
    }
  },
  "fails on nothing": class extends ReferenceTopics {
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      if (entries.length === 0) throw new Error("nothing to push");
      await super.push(entries);
    }
  },
  "pushes 1,000 entries at most": class extends ReferenceTopics {
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      await super.push(entries.slice(0, 1_000));
    }
  },
  "removes nothing": class extends ReferenceTopics {
    override async remove(): Promise<void> {}
  },
  "removes ready entries only": class extends ReferenceTopics {
    override async remove(ids: readonly JobId[]): Promise<void> {
      await super.remove(ids.filter((id) => this.data.entries.get(id)?.at === undefined));
    }
  },
  "fails to remove what is not there": class extends ReferenceTopics {
    override async remove(ids: readonly JobId[]): Promise<void> {
      if (ids.some((id) => !this.data.entries.has(id))) throw new Error("not there");
      await super.remove(ids);
    }
  },
};
