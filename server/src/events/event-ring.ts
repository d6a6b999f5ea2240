import type { JobEvent } from "@jobq/service";
import { type EventView, eventLines } from "./event-form.ts";

/** An event with its place in the order, written at most once for each view. */
export class NumberedEvent {
  readonly number: number;
  readonly event: JobEvent;
  readonly #id: string;
  readonly #written = new Map<EventView, string>();

  constructor(number: number, id: string, event: JobEvent) {
    this.number = number;
    this.event = event;
    this.#id = id;
  }

  lines(view: EventView): string {
    const lines = this.#written.get(view) ?? eventLines(this.event, this.#id, view);
    this.#written.set(view, lines);
    return lines;
  }
}

/** The latest events, for streams that come back: numbered without a gap, the oldest forgotten first. */
export class EventRing {
  readonly #most: number;
  readonly #events: NumberedEvent[] = [];
  /** Tells numbers of this ring from those of other processes, and of the time before a pause. */
  #epoch: string | undefined;
  #last = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** The id of the latest event; one that came back with it would miss nothing. */
  get lastId(): string {
    return this.#idOf(this.#last);
  }

  add(event: JobEvent): NumberedEvent {
    this.#last += 1;
    const numbered = new NumberedEvent(this.#last, this.#idOf(this.#last), event);
    if (this.#events.push(numbered) > this.#most) this.#events.shift();
    return numbered;
  }

  /** Everything after the event of that id; undefined when some of it is no longer known. */
  after(id: string): readonly NumberedEvent[] | undefined {
    const [epoch, text = ""] = id.split("-");
    const number = Number(text);
    const isKnown = epoch === this.#epoch && /^\d{1,15}$/.test(text) && number <= this.#last;
    const first = this.#events[0]?.number ?? this.#last + 1;
    if (!isKnown || number < first - 1) return undefined;
    return this.#events.slice(number - first + 1);
  }

  /** Forgets everything: what happens from now on until the next `add` will be missing. */
  clear(): void {
    this.#events.length = 0;
    this.#epoch = undefined;
    this.#last = 0;
  }

  #idOf(number: number): string {
    this.#epoch ??= crypto.randomUUID().slice(0, 8);
    return `${this.#epoch}-${number}`;
  }
}
