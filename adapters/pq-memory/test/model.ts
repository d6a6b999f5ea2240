import { compareEntries, type JobId, type Timestamp, type Topic, type TopicEntry, type TopicInfo } from "@jobq/core";

/** Topics as a list that is sorted at every question: slow, and plainly right. */
export class ModelTopics {
  #entries: TopicEntry[] = [];
  readonly #paused = new Set<Topic>();

  push(entries: readonly TopicEntry[]): void {
    for (const entry of entries) {
      this.remove([entry.id]);
      this.#entries.push(entry);
    }
  }

  pop(topic: Topic, limit: number): JobId[] {
    if (this.#paused.has(topic)) return [];
    const ready = this.#entries.filter((entry) => entry.topic === topic && entry.at === undefined).sort(compareEntries);
    return this.#take(ready.slice(0, limit));
  }

  popDue(now: Timestamp, limit: number): JobId[] {
    const due = this.#entries
      .filter(({ at }) => at !== undefined && at <= now)
      .sort((a, b) => (a.at as number) - (b.at as number) || compareEntries(a, b));
    return this.#take(due.slice(0, limit));
  }

  nextDueAt(): Timestamp | undefined {
    const instants = this.#entries.flatMap(({ at }) => at ?? []);
    return instants.length > 0 ? Math.min(...instants) : undefined;
  }

  remove(ids: readonly JobId[]): void {
    this.#entries = this.#entries.filter(({ id }) => !ids.includes(id));
  }

  topics(): TopicInfo[] {
    const names = new Set([...this.#entries.map(({ topic }) => topic), ...this.#paused]);
    return [...names].map((topic) => {
      const own = this.#entries.filter((entry) => entry.topic === topic);
      const delayed = own.filter(({ at }) => at !== undefined).length;
      return { topic, ready: own.length - delayed, delayed, paused: this.#paused.has(topic) };
    });
  }

  pause(topic: Topic, paused: boolean): void {
    if (paused) this.#paused.add(topic);
    else this.#paused.delete(topic);
  }

  #take(entries: readonly TopicEntry[]): JobId[] {
    const ids = entries.map(({ id }) => id);
    this.remove(ids);
    return ids;
  }
}
