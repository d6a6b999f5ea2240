import {
  compareEntries,
  type JobId,
  type JobRepository,
  type QueueStore,
  type Timestamp,
  type Topic,
  type TopicEntry,
  type TopicInfo,
} from "@jobq/core";
import { byInstant, ReferenceTopics, TopicData } from "../reference/reference-topics.ts";
import type { TopicMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

/** Entries changed before they are added. */
const adding = (change: (entry: TopicEntry, data: TopicData) => TopicEntry | undefined): TopicMutant =>
  class extends ReferenceTopics {
    override add(entry: TopicEntry): void {
      const changed = change(entry, this.data);
      if (changed) super.add(changed);
    }
  };

const listing = (change: (infos: TopicInfo[]) => TopicInfo[]): TopicMutant =>
  class extends ReferenceTopics {
    override async topics(): Promise<TopicInfo[]> {
      return change(await super.topics());
    }
  };

const due = (pick: (now: Timestamp, delayed: TopicEntry[]) => TopicEntry[]): TopicMutant =>
  class extends ReferenceTopics {
    override due(now: Timestamp): TopicEntry[] {
      return pick(now, this.delayed());
    }
  };

const reopened = (change: (data: TopicData) => void): TopicMutant =>
  class extends ReferenceTopics {
    constructor(data = new TopicData()) {
      if (data.entries.size > 0) change(data);
      super(data);
    }
  };

const byId = (a: TopicEntry, b: TopicEntry): number => (a.id < b.id ? -1 : 1);

/** Faults of a topic repository: what is due, what it tells, pauses, races, opening again. */
export const topicStateMutants: Readonly<Record<string, TopicMutant>> = {
  "pops as due whatever the limit": class extends ReferenceTopics {
    override async popDue(now: Timestamp): Promise<JobId[]> {
      return super.popDue(now, 100_000);
    }
  },
  "pops as due in any order": due((now, delayed) => delayed.filter(({ at = 0 }) => at <= now).sort(byId)),
  "pops as due by weight": due((now, delayed) => delayed.filter(({ at = 0 }) => at <= now).sort(compareEntries)),
  "pops as due what is due before the instant only": due((now, delayed) => delayed.filter(({ at = 0 }) => at < now)),
  "pops as due what is due a millisecond later": due((now, delayed) => delayed.filter(({ at = 0 }) => at <= now + 1)),
  "pops as due what is not": due((_, delayed) => delayed),
  "pops as due what is ready": class extends ReferenceTopics {
    override due(now: Timestamp): TopicEntry[] {
      return [...this.data.entries.values()].filter(({ at = 0 }) => at <= now).sort(byInstant);
    }
  },
  "pops as due nothing of a paused topic": class extends ReferenceTopics {
    override due(now: Timestamp): TopicEntry[] {
      return super.due(now).filter(({ topic }) => !this.isPaused(topic));
    }
  },
  "answers the latest instant as the next": class extends ReferenceTopics {
    override async nextDueAt(): Promise<Timestamp | undefined> {
      return this.delayed().at(-1)?.at;
    }
  },
  "remembers the earliest instant there ever was": class extends ReferenceTopics {
    #earliest: Timestamp | undefined;
    override async nextDueAt(): Promise<Timestamp | undefined> {
      const next = await super.nextDueAt();
      if (this.#earliest === undefined || (next !== undefined && next < this.#earliest)) this.#earliest = next;
      return this.#earliest;
    }
  },
  "answers no instant when nothing of a running topic is delayed": class extends ReferenceTopics {
    override async nextDueAt(): Promise<Timestamp | undefined> {
      return this.delayed().find(({ topic }) => !this.isPaused(topic))?.at;
    }
  },
  "takes the instant 0 for none": class extends ReferenceTopics {
    override async nextDueAt(): Promise<Timestamp | undefined> {
      return (await super.nextDueAt()) || undefined;
    }
  },
  "counts delayed entries as ready": listing((infos) =>
    infos.map((info) => ({ ...info, ready: info.ready + info.delayed, delayed: 0 })),
  ),
  "lists topics with ready entries only": listing((infos) => infos.filter(({ ready, paused }) => ready > 0 || paused)),
  "lists no paused topic that is empty": listing((infos) => infos.filter(({ ready, delayed }) => ready + delayed > 0)),
  "does not say that a topic is paused": listing((infos) => infos.map((info) => ({ ...info, paused: false }))),
  "lists topics that were there once": class extends ReferenceTopics {
    readonly #seen = new Set<Topic>();
    override add(entry: TopicEntry): void {
      this.#seen.add(entry.topic);
      super.add(entry);
    }
    override async topics(): Promise<TopicInfo[]> {
      const infos = await super.topics();
      const gone = [...this.#seen].filter((topic) => !infos.some((info) => info.topic === topic));
      return [...infos, ...gone.map((topic) => ({ topic, ready: 0, delayed: 0, paused: false }))];
    }
  },
  "ignores pauses": class extends ReferenceTopics {
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      return this.take(this.ready(topic).slice(0, limit));
    }
  },
  "pauses all topics": class extends ReferenceTopics {
    override isPaused(): boolean {
      return this.data.paused.size > 0;
    }
  },
  "never resumes": class extends ReferenceTopics {
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      if (paused) await super.pause(topic, true);
    }
  },
  "toggles instead of pausing": class extends ReferenceTopics {
    override async pause(topic: Topic): Promise<void> {
      await super.pause(topic, !this.isPaused(topic));
    }
  },
  "refuses entries while paused": class extends ReferenceTopics {
    override add(entry: TopicEntry): void {
      if (!this.isPaused(entry.topic)) super.add(entry);
    }
  },
  "forgets a pause when the topic is empty": class extends ReferenceTopics {
    override drop(id: JobId): void {
      const topic = this.data.entries.get(id)?.topic;
      super.drop(id);
      if (topic && ![...this.data.entries.values()].some((entry) => entry.topic === topic))
        this.data.paused.delete(topic);
    }
  },
  "takes topics that look alike for one": adding((entry) => ({ ...entry, topic: entry.topic.trim().normalize() })),
  "pauses topics by their first word": class extends ReferenceTopics {
    override isPaused(topic: Topic): boolean {
      return [...this.data.paused].some((paused) => paused.split(/[^a-z]/)[0] === topic.split(/[^a-z]/)[0]);
    }
  },
  "looks, waits and takes": class extends ReferenceTopics {
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      const entries = this.isPaused(topic) ? [] : this.ready(topic).slice(0, limit);
      await tick();
      return this.take(entries);
    }
  },
  "looks, waits and takes what is due": class extends ReferenceTopics {
    override async popDue(now: Timestamp, limit: number): Promise<JobId[]> {
      const entries = this.due(now).slice(0, limit);
      await tick();
      return this.take(entries);
    }
  },
  "loses what is pushed while it pops": class extends ReferenceTopics {
    override async pop(topic: Topic, limit: number): Promise<JobId[]> {
      const before = new Map(this.data.entries);
      await tick();
      const ids = await super.pop(topic, limit);
      if (ids.length > 0) for (const id of this.data.entries.keys()) if (!before.has(id)) this.data.entries.delete(id);
      return ids;
    }
  },
  "adds an entry for each of several pushes at once": class extends ReferenceTopics {
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      const known = entries.map(({ id }) => this.data.entries.has(id));
      await tick();
      await super.push(
        entries.map((entry, index) =>
          known[index] || !this.data.entries.has(entry.id) ? entry : { ...entry, id: `${entry.id}+${entry.weight}` },
        ),
      );
    }
  },
  "fails when it is closed twice": class extends ReferenceTopics {
    #closed = false;
    override async close(): Promise<void> {
      if (this.#closed) throw new Error("closed");
      this.#closed = true;
    }
  },
  "drops what is under way when it is closed": class extends ReferenceTopics {
    #closed = false;
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      await tick();
      if (this.#closed) throw new Error("closed");
      await super.push(entries);
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  },
  "declares nothing": class extends ReferenceTopics {
    override readonly capabilities = { durable: true, shared: true, ...({ durable: undefined } as object) };
  },
  "is not empty when it is new": class extends ReferenceTopics {
    constructor(data?: TopicData) {
      super(data);
      if (this.data.entries.size === 0) this.data.paused.add("default");
    }
  },
  "loses entries when it is opened again": reopened(({ entries }) => entries.clear()),
  "loses pauses when it is opened again": reopened(({ paused }) => paused.clear()),
  "loses what was delayed when it is opened again": reopened(({ entries }) => {
    for (const [id, { at }] of entries) if (at !== undefined) entries.delete(id);
  }),
  "has data of its own in every handle": class extends ReferenceTopics {
    constructor(data = new TopicData()) {
      const own = new TopicData();
      for (const entry of data.entries.values()) own.entries.set(entry.id, entry);
      super(own);
    }
  },
  "tells listeners nothing": class extends ReferenceTopics {
    override onPush(): () => void {
      return () => undefined;
    }
  },
  "tells listeners that left": class extends ReferenceTopics {
    override onPush(listener: (topic: Topic) => void): () => void {
      super.onPush(listener);
      return () => undefined;
    }
  },
  "fuses with anybody": class extends ReferenceTopics {
    fuse(jobs: JobRepository): QueueStore | undefined {
      return { jobs, topics: this } as unknown as QueueStore;
    }
  },
};
