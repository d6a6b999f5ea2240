import type { JobHead, Timestamp } from "@jobq/core";

/** Something that happened to a job through this service: the job as it is since then, without its payload. */
export interface JobEvent extends JobHead {
  readonly type: JobEventType;
  readonly at: Timestamp;
}

/** A failure in the background: nobody waits for what failed, and it is tried again. */
export interface ServiceErrorEvent {
  readonly type: "error";
  readonly at: Timestamp;
  readonly error: unknown;
  /** What was being done. */
  readonly doing: string;
}

/** What can happen to a job. */
export type JobEventType =
  | "enqueued"
  | "promoted"
  | "unblocked"
  | "reserved"
  | "extended"
  | "done"
  | "retried"
  | "released"
  | "suspended"
  | "expired"
  | "canceled"
  | "reset"
  | "removed";

/** Each event by its type. */
export type EventMap = { readonly [T in JobEventType]: JobEvent & { readonly type: T } } & {
  readonly error: ServiceErrorEvent;
};

export type ServiceEvent = JobEvent | ServiceErrorEvent;
export type Listener<E> = (event: E) => void;

/** How many events a stream keeps for a reader that does not keep up; the oldest go first. */
const MAX_BUFFERED_EVENTS = 10_000;

/** Passes events on, in order, to listeners and streams. A listener that throws is reported as an `error` event. */
export class Events {
  readonly #listeners = new Map<string, Set<Listener<never>>>();
  readonly #streams = new Set<EventStream>();
  #closed = false;

  /** Calls `listener` at every event of that type; the answer takes it back. */
  on<T extends keyof EventMap>(type: T, listener: Listener<EventMap[T]>): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(type) === listeners) this.#listeners.delete(type);
    };
  }

  /** True when somebody would hear of it: spares making events for nobody. */
  wants(type: keyof EventMap): boolean {
    return this.#streams.size > 0 || this.#listeners.has(type);
  }

  emit(event: ServiceEvent): void {
    for (const stream of this.#streams) stream.put(event);
    for (const listener of this.#listeners.get(event.type) ?? []) {
      try {
        (listener as Listener<ServiceEvent>)(event);
      } catch (error) {
        // A failing listener of errors has nobody left to tell but the runtime.
        if (event.type === "error")
          queueMicrotask(() => {
            throw error;
          });
        else this.emit({ type: "error", at: event.at, error, doing: `listening to ${event.type}` });
      }
    }
  }

  /** Every event from now on. A reader that falls behind by 10,000 loses the oldest. */
  stream(): AsyncIterableIterator<ServiceEvent> {
    const stream = new EventStream(() => this.#streams.delete(stream));
    this.#streams.add(stream);
    if (this.#closed) stream.end();
    return stream;
  }

  /** Ends every stream once it has been read to its end. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
  }
}

type Result = IteratorResult<ServiceEvent, undefined>;

/** The events that one reader has not read yet, and the reads that no event has come for yet. */
class EventStream implements AsyncIterableIterator<ServiceEvent> {
  readonly #leave: () => void;
  readonly #kept: ServiceEvent[] = [];
  readonly #readers: ((result: Result) => void)[] = [];
  #ended = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  put(event: ServiceEvent): void {
    if (this.#kept.push(event) > MAX_BUFFERED_EVENTS) this.#kept.shift();
    this.#serve();
  }

  end(): void {
    this.#ended = true;
    this.#leave();
    this.#serve();
  }

  next(): Promise<Result> {
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      this.#serve();
    });
  }

  return(): Promise<Result> {
    this.#kept.length = 0;
    this.end();
    return this.next();
  }

  #serve(): void {
    while (this.#readers.length > 0 && (this.#kept.length > 0 || this.#ended)) {
      const value = this.#kept.shift();
      this.#readers.shift()?.({ value, done: !value } as Result);
    }
  }
}
