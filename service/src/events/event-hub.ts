import { EventStream } from "./event-stream.ts";
import type { Listener, ServiceEvent } from "./events.ts";

/** Passes events on, in order, to listeners and streams. One that throws or rejects is an `error` event. */
export class EventHub {
  /** By the type of event that they listen for. */
  readonly listeners = new Map<string, Set<Listener<never>>>();
  /** Told when somebody begins to listen. */
  declare told?: () => void;
  readonly #streams = new Set<EventStream>();
  #closed = false;

  /** Calls `listener` at every event of that type, until the function that is returned is called. */
  on(type: string, listener: Listener<never>): () => void {
    const listeners = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, listeners.add(listener));
    this.told?.();
    return () => void listeners.delete(listener);
  }

  /** True when somebody would hear of it: spares making events for nobody. */
  wants(type: string): boolean {
    return this.#streams.size > 0 || !!this.listeners.get(type)?.size;
  }

  emit(event: ServiceEvent): void {
    for (const stream of this.#streams) stream.put(event);
    for (const listener of this.listeners.get(event.type) ?? []) {
      try {
        const returned = (listener as (event: ServiceEvent) => unknown)(event);
        if (typeof returned === "object") Promise.resolve(returned).catch((error) => this.#failed(event, error));
      } catch (error) {
        this.#failed(event, error);
      }
    }
  }

  /**
   * Every event from now on that is wanted. A reader that falls behind by 10,000 loses the oldest.
   * @param left called when the stream has ended
   */
  stream(wants?: (event: ServiceEvent) => boolean, left?: () => void): EventStream {
    const stream = new EventStream(() => {
      this.#streams.delete(stream);
      left?.();
    }, wants);
    this.#streams.add(stream);
    if (this.#closed) stream.end();
    return stream;
  }

  #failed({ type, at }: ServiceEvent, error: unknown): void {
    if (type !== "error") this.emit({ type: "error", at, error, doing: `listening to ${type}` });
    // biome-ignore lint/suspicious/noConsole: nobody else is left to tell, and it must not end the process
    else console.error("a listener of jobq's error events failed:", error);
  }

  /** Ends every stream once it has been read to its end. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#streams) stream.end();
  }
}
