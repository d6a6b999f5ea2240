import type { MonotonicClock } from "@jobq/core";
import type { JobEvent, JobService, Report } from "@jobq/service";
import { Fault } from "../fault.ts";
import { EVENT_TYPES } from "./event-form.ts";
import { EventRing, type NumberedEvent } from "./event-ring.ts";
import { type EventFilter, EventStream } from "./event-stream.ts";

/** What a hub works with. */
export interface EventHubOptions {
  readonly svc: Pick<JobService, "on">;
  readonly clock: MonotonicClock;
  readonly heartbeatMs: number;
  /** Told of what keeps events from being sent. */
  readonly report: Report;
  /** The most streams at a time. */
  readonly streams: number;
  /** The most events that are kept. */
  readonly kept: number;
}

/** How long events are still kept when the last reader has gone, in case it comes back. */
const LINGER_MS = 60_000;

const encoder = new TextEncoder();
const HEARTBEAT = encoder.encode(": keepalive\n\n");

/** Sends the events of a service to any number of readers. While there is none, it does not listen. */
export class EventHub {
  readonly #options: EventHubOptions;
  readonly #ring: EventRing;
  readonly #streams = new Set<EventStream>();
  #unlisten: (() => void) | undefined;
  /** Events of this turn, sent together at its end. */
  #unsent: NumberedEvent[] = [];
  #unsetHeartbeat = (): void => {};
  #unsetLinger = (): void => {};
  #closed = false;

  constructor(options: EventHubOptions) {
    this.#options = options;
    this.#ring = new EventRing(options.kept);
  }

  /** How many readers there are. */
  get size(): number {
    return this.#streams.size;
  }

  /**
   * A stream of events from now on, or from after the event whose id is `lastId` as far as that is known.
   * @throws {Fault} unavailable: closed, or too many streams
   */
  open(filter: EventFilter, lastId: string | null): EventStream {
    if (this.#closed) throw new Fault("unavailable", "the server is closing");
    if (this.#streams.size >= this.#options.streams) {
      throw new Fault("unavailable", "there are too many streams of events", { headers: { "retry-after": "5" } });
    }
    this.#listen();
    this.#flush();
    const stream = new EventStream(filter, (gone) => this.#left(gone));
    this.#streams.add(stream);
    if (this.#streams.size === 1) this.#armHeartbeat();
    stream.send(encoder.encode(this.#greeting(stream, lastId)));
    return stream;
  }

  /** Ends every stream. */
  close(): void {
    this.#closed = true;
    this.#flush();
    for (const stream of [...this.#streams]) stream.end();
    this.#unsetHeartbeat();
    this.#unsetLinger();
    this.#stopListening();
  }

  /** What a reader is sent first: that it is connected, then what it missed. */
  #greeting(stream: EventStream, lastId: string | null): string {
    const missed = lastId ? this.#ring.after(lastId) : [];
    const id = missed?.length === 0 && lastId ? lastId : this.#ring.lastId;
    const connected = 'retry: 2000\nevent: connected\ndata: {"status":"connected"}\n';
    if (!missed) return `id: ${id}\n${connected}\nevent: gap\ndata: {"last_event_id":${JSON.stringify(lastId)}}\n\n`;
    if (missed.length === 0) return `id: ${id}\n${connected}\n`;
    return `${connected}\n${linesFor(stream, missed)}`;
  }

  #listen(): void {
    this.#unsetLinger();
    if (this.#unlisten) return;
    const listener = (event: JobEvent): void => this.#happened(event);
    const unlisten = EVENT_TYPES.map((type) => this.#options.svc.on(type, listener));
    this.#unlisten = () => {
      for (const one of unlisten) one();
    };
  }

  #stopListening(): void {
    this.#unlisten?.();
    this.#unlisten = undefined;
    this.#ring.clear();
  }

  #happened(event: JobEvent): void {
    const isFirst = this.#unsent.push(this.#ring.add(event)) === 1;
    if (isFirst) queueMicrotask(() => this.#flushSafely());
  }

  /** Nobody would catch what is thrown here, and the process would end by it. */
  #flushSafely(): void {
    try {
      this.#flush();
    } catch (error) {
      this.#options.report(error, "sending events");
    }
  }

  #flush(): void {
    const events = this.#unsent;
    this.#unsent = [];
    if (events.length === 0) return;
    /** Made once for all who asked for the same, and kept once while they are behind. */
    const shared = new Map<string, Uint8Array>();
    for (const stream of [...this.#streams]) {
      const bytes = shared.get(stream.key) ?? encoder.encode(linesFor(stream, events));
      shared.set(stream.key, bytes);
      if (bytes.length > 0) stream.send(bytes);
    }
  }

  #left(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0 || this.#closed) return;
    const { clock } = this.#options;
    this.#unsetHeartbeat();
    this.#unsetLinger = clock.after(LINGER_MS, () => this.#stopListening(), true);
  }

  #armHeartbeat(): void {
    const { clock, heartbeatMs } = this.#options;
    const beat = (): void => {
      for (const stream of [...this.#streams]) stream.send(HEARTBEAT);
      if (this.#streams.size > 0) this.#armHeartbeat();
    };
    this.#unsetHeartbeat = clock.after(heartbeatMs, beat, true);
  }
}

function linesFor(stream: EventStream, events: readonly NumberedEvent[]): string {
  const wanted = events.filter(({ event }) => stream.wants(event));
  return wanted.map((event) => event.lines(stream.filter.view)).join("");
}
