import type { ServiceEvent } from "./events.ts";

/** How many events a stream keeps for a reader that does not keep up; the oldest go first. */
const MAX_BUFFERED_EVENTS = 10_000;

type Result = IteratorResult<ServiceEvent, undefined>;

/** The events that one reader has not read yet, and the reads that no event has come for yet. */
export class EventStream implements AsyncIterableIterator<ServiceEvent> {
  readonly #leave: () => void;
  readonly #wants: (event: ServiceEvent) => boolean;
  readonly #kept: ServiceEvent[] = [];
  readonly #readers: ((result: Result) => void)[] = [];
  #ended = false;

  constructor(leave: () => void, wants: (event: ServiceEvent) => boolean = () => true) {
    this.#leave = leave;
    this.#wants = wants;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  put(event: ServiceEvent): void {
    if (!this.#wants(event)) return;
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
