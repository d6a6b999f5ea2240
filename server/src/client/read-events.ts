import { JobqError } from "@jobq/core";
import type { JobEvent } from "@jobq/service";
import type { Transport } from "./transport.ts";

/** Before a broken connection is made anew. */
const PAUSE_MS = 1000;

/** The options of `events`. */
export interface EventsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called when events are missing: a connection broke, and the server no longer has all that came since. */
  readonly onGap?: (() => void) | undefined;
}

/**
 * Reads the events of a server, from where a broken connection left off, until the reader returns or `signal` aborts.
 * @throws {JobqError} what the server says when it refuses
 */
export async function* readEvents(
  transport: Transport,
  { signal, onGap }: EventsOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  let lastId: string | undefined;
  while (!signal?.aborted) {
    try {
      const headers: Record<string, string> = lastId === undefined ? {} : { "last-event-id": lastId };
      const response = await transport.open("GET", "/api/v1/events?view=record", undefined, signal, headers);
      for await (const { id, event, data } of blocksOf(response.body as ReadableStream<Uint8Array>)) {
        lastId = id ?? lastId;
        if (event === "gap") onGap?.();
        else if (event !== "connected") yield JSON.parse(data) as JobEvent;
      }
    } catch (error) {
      if (signal?.aborted) return;
      const refused =
        error instanceof JobqError && typeof error.details.status === "number" && error.details.status < 500;
      if (refused) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

interface Block {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** The events of a stream; comments are left out. */
async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Block, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const fields = new Map(
          part.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
        );
        const data = fields.get("data");
        if (data !== undefined) yield { id: fields.get("id"), event: fields.get("event"), data };
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // a reader that has gone wants nothing more of it
  }
}
