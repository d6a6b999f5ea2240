import { type Api, ApiFault } from "./api.ts";

/** One event of the stream. */
export interface LiveEvent {
  /** Such as `job.completed`; `connected` and `gap` tell of the stream itself. */
  readonly name: string;
  readonly data: unknown;
}

/** Whether events arrive. */
export type LiveStatus = "connecting" | "live";

/** What a reader is told. */
export interface LiveListener {
  readonly onEvent: (event: LiveEvent) => void;
  readonly onStatus: (status: LiveStatus) => void;
}

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

/** Reads events until `signal` aborts; a broken connection is made anew, from where it left off. */
export async function readLiveEvents(
  api: Api,
  query: string,
  { onEvent, onStatus }: LiveListener,
  signal: AbortSignal,
): Promise<void> {
  let lastId: string | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    onStatus("connecting");
    try {
      const headers: Record<string, string> = lastId ? { "last-event-id": lastId } : {};
      const response = await api.open(`events${query}`, signal, headers);
      for await (const { id, name, data } of blocksOf(response.body as ReadableStream<Uint8Array>)) {
        lastId = id ?? lastId;
        pauseMs = FIRST_PAUSE_MS;
        onStatus("live");
        onEvent({ name, data });
      }
    } catch (error) {
      const isRefused = error instanceof ApiFault && (error.status === 401 || error.status === 403);
      if (signal.aborted || isRefused) return;
    }
    onStatus("connecting");
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

interface Block extends LiveEvent {
  readonly id: string | undefined;
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Block, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (text + decoder.decode(value, { stream: true })).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(block.split("\n").map((line) => fieldOf(line)));
        const data = fields.get("data");
        if (data !== undefined) yield { id: fields.get("id"), name: fields.get("event") ?? "", data: JSON.parse(data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // it may have broken, and is not read any more either way
  }
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(": ");
  return [line.slice(0, colon), line.slice(colon + 2)];
}
