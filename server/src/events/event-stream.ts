import type { JobId, Topic } from "@jobq/core";
import type { JobEvent } from "@jobq/service";
import type { EventView } from "./event-form.ts";

/** What a stream is about; all jobs unless it says otherwise. */
export interface EventFilter {
  readonly view: EventView;
  readonly jobId?: JobId | undefined;
  readonly topic?: Topic | undefined;
}

/** How much a reader may be behind, in bytes; one that is further behind has to come back. */
const MAX_BEHIND = 1024 * 1024;

/** One reader of events, as the body of a response. */
export class EventStream {
  readonly filter: EventFilter;
  /** The same for all streams that are sent the same. */
  readonly key: string;
  /** What is sent: text as bytes. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #leave: (stream: EventStream) => void;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** @param leave told once, when the reader has gone or was sent away */
  constructor(filter: EventFilter, leave: (stream: EventStream) => void) {
    this.filter = filter;
    this.key = JSON.stringify([filter.view, filter.jobId, filter.topic]);
    this.#leave = leave;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          if (!this.#controller) return;
          this.#controller = undefined;
          this.#leave(this);
        },
      },
      { highWaterMark: MAX_BEHIND, size: (bytes) => bytes.byteLength },
    );
  }

  /** True when the event is one of those that the reader asked for. */
  wants({ id, topic }: JobEvent): boolean {
    const { jobId = id, topic: only = topic } = this.filter;
    return jobId === id && only === topic;
  }

  /** Sends bytes, which many streams may share. A reader that is too far behind is sent away. */
  send(bytes: Uint8Array): void {
    this.#controller?.enqueue(bytes);
    if ((this.#controller?.desiredSize ?? 0) < 0) this.end();
  }

  /** Ends the stream once what was sent has been read. */
  end(): void {
    if (!this.#controller) return;
    this.#controller.close();
    this.#controller = undefined;
    this.#leave(this);
  }
}
