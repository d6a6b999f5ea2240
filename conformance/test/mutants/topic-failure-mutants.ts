import type { JobId, Topic, TopicEntry, TopicInfo } from "@jobq/core";
import { ReferenceTopics } from "../reference/reference-topics.ts";
import type { TopicMutant } from "./mutant.ts";
import { writingWrongly } from "./wrong-writes.ts";

/** Faults with writes that fail. */
export const topicFailureMutants: Readonly<Record<string, TopicMutant>> = {
  ...writingWrongly<TopicMutant>(
    (wrong) =>
      class extends ReferenceTopics {
        readonly #persist = wrong((make) => super.persist(make));
        override persist<T>(make: () => T): T {
          return this.#persist(make);
        }
      },
  ),
  "takes entries out before it writes": class extends ReferenceTopics {
    override take(entries: readonly TopicEntry[]): JobId[] {
      this.dropAll(entries.map(({ id }) => id));
      return super.take(entries);
    }
  },
  "pauses before it writes": class extends ReferenceTopics {
    override async pause(topic: Topic, paused: boolean): Promise<void> {
      if (paused) this.data.paused.add(topic);
      await super.pause(topic, paused);
    }
  },
  "rejects with the error of the store": class extends ReferenceTopics {
    override persist<T>(make: () => T): T {
      return this.data.faults.write(make);
    }
  },
  "counts what was acknowledged, stored or not": class extends ReferenceTopics {
    #infos: TopicInfo[] = [];
    override persist<T>(make: () => T): T {
      const made = super.persist(make);
      void super.topics().then((infos) => {
        this.#infos = infos;
      });
      return made;
    }
    override async topics(): Promise<TopicInfo[]> {
      return this.#infos;
    }
  },
  "rejects whatever was pushed along with what failed": class extends ReferenceTopics {
    #waiting: (readonly TopicEntry[])[] = [];
    #next: Promise<void> | undefined;
    override async push(entries: readonly TopicEntry[]): Promise<void> {
      this.#waiting.push(entries);
      this.#next ??= Promise.resolve().then(async () => {
        const all = this.#waiting;
        [this.#waiting, this.#next] = [[], undefined];
        for (const some of all) await super.push(some);
      });
      await this.#next;
    }
  },
};
