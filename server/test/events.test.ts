import { describe, expect, test } from "vitest";
import { type Rig, reserveOne, rig, settled } from "./rig.ts";

interface SentEvent {
  readonly id?: string;
  readonly event?: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is what the test says it is
  readonly data?: any;
}

/** Reads a stream of events. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  text = "";
  ended = false;

  constructor(response: Response) {
    this.#reader = (response.body as ReadableStream<Uint8Array>).getReader();
    void this.#read();
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      this.text += this.#decoder.decode(value, { stream: true });
    }
    this.ended = true;
  }

  /** What was sent so far, without comments. */
  async events(): Promise<SentEvent[]> {
    await settled();
    const blocks = this.text.split("\n\n").slice(0, -1);
    return blocks.filter((block) => !block.startsWith(":")).map(parse);
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

function parse(block: string): SentEvent {
  const lines = block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
  const { data, ...rest } = Object.fromEntries(lines);
  return { ...rest, data: JSON.parse(data) };
}

async function open({ server }: Rig, query = "", lastEventId?: string): Promise<Reader> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await server.fetch(new Request(`http://localhost/api/v1/events${query}`, { headers }));
  expect(response.status).toBe(200);
  return new Reader(response);
}

const names = (events: readonly SentEvent[]) => events.map(({ event }) => event);

describe("GET /api/v1/events", () => {
  test("tells what happens to jobs, as clients of GopherQueue know it", async () => {
    const one = rig();
    const reader = await open(one);
    const id = await one.svc.enqueue("a", 1, { maxRetries: 0 });
    await (await reserveOne(one.svc, "a")).retry({ error: "boom" });
    await one.svc.reset(id);
    await one.svc.cancel(id);
    await one.svc.remove(id);

    const [connected, ...events] = await reader.events();

    expect(connected).toMatchObject({ event: "connected", data: { status: "connected" } });
    expect(names(events)).toEqual([
      "job.created",
      "job.started",
      "job.dead_letter",
      "job.retried",
      "job.cancelled",
      "job.deleted",
    ]);
    expect(events[1]?.data).toMatchObject({ id, type: "a", state: "running", attempt: 1 });
    expect(events.at(-1)?.data).toEqual({ id });
  });

  test("puts the name of an event before its data, each on one line", async () => {
    const one = rig();
    const reader = await open(one);
    await one.svc.enqueue("a", 1, { tags: { text: "two\u2028lines" } });
    await settled();
    const block = reader.text.split("\n\n")[1];
    expect(block?.split("\n").map((line) => line.split(":")[0])).toEqual(["id", "event", "data"]);
  });

  test("has headers that keep proxies from collecting it", async () => {
    const { server } = rig();
    const { headers, body } = await server.fetch(new Request("http://localhost/api/v1/events"));
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
    expect(headers.get("x-accel-buffering")).toBe("no");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    await body?.cancel();
  });

  test("keeps to one job or one topic when asked to", async () => {
    const one = rig();
    const id = await one.svc.enqueue("a");
    const ofJob = await open(one, `?job_id=${id}`);
    const ofTopic = await open(one, "?topic=b");
    const ofAll = await open(one, "?job_id=*");
    await one.svc.enqueue("a");
    await one.svc.enqueue("b");
    await one.svc.cancel(id);
    expect(names(await ofJob.events())).toEqual(["connected", "job.cancelled"]);
    expect(names(await ofTopic.events())).toEqual(["connected", "job.created"]);
    expect(names(await ofAll.events())).toEqual(["connected", "job.created", "job.created", "job.cancelled"]);
  });

  test("tells events as the library has them when asked to", async () => {
    const one = rig();
    const reader = await open(one, "?view=record");
    const heard: unknown[] = [];
    one.svc.on("enqueued", (event) => heard.push(event));
    await one.svc.enqueue("a", { secret: 1 }, { tags: { k: "v" } });
    const [, event] = await reader.events();
    expect(event?.event).toBe("enqueued");
    expect(event?.data).toEqual(JSON.parse(JSON.stringify(heard[0])));
    expect(reader.text).not.toContain("secret");
  });

  test("gives signs of life", async () => {
    const one = rig({ timeouts: { heartbeat: "15s" } });
    const reader = await open(one);
    await settled();
    for (let beat = 1; beat <= 3; beat++) {
      one.clock.advance(15_000);
      await settled();
      expect(reader.text.match(/^: keepalive$/gm)).toHaveLength(beat);
    }
  });

  test("goes on after the event that was seen last", async () => {
    const one = rig();
    const first = await open(one);
    const a = await one.svc.enqueue("a");
    const seen = (await first.events()).at(-1);
    await first.leave();
    const b = await one.svc.enqueue("b");
    const c = await one.svc.enqueue("c");

    const again = await open(one, "", seen?.id);
    const d = await one.svc.enqueue("d");

    const events = await again.events();
    expect(names(events)).toEqual(["connected", "job.created", "job.created", "job.created"]);
    expect(events.slice(1).map(({ data }) => data.id)).toEqual([b, c, d]);
    expect(seen?.data.id).toBe(a);
    const byQuery = await open(one, `?last_event_id=${events.at(-1)?.id}`);
    expect(names(await byQuery.events())).toEqual(["connected"]);
  });

  test("can go on from the connection itself, before any event", async () => {
    const one = rig();
    const first = await open(one);
    const [connected] = await first.events();
    await first.leave();
    await one.svc.enqueue("a");
    expect(names(await (await open(one, "", connected?.id)).events())).toEqual(["connected", "job.created"]);
  });

  test("says that there is a gap when what was missed is no longer known", async () => {
    const one = rig({ limits: { keptEvents: 2 } });
    const reader = await open(one);
    await one.svc.enqueue("a");
    const oldest = (await reader.events()).at(-1)?.id as string;
    for (let n = 0; n < 3; n++) await one.svc.enqueue("a");
    await settled();
    for (const id of [oldest, "0badcafe-1", "nonsense", `${oldest.split("-")[0]}-99`, "-", "a-b-c"]) {
      const again = await (await open(one, "", id)).events();
      expect(names(again)).toEqual(["connected", "gap"]);
      expect(again[1]?.data).toEqual({ last_event_id: id });
      expect(again[0]?.id).toMatch(/-4$/);
    }
  });

  test("listens only while somebody reads, and a minute longer", async () => {
    const one = rig();
    const reader = await open(one);
    await one.svc.enqueue("a");
    const last = (await reader.events()).at(-1)?.id;
    await reader.leave();
    one.clock.advance(59_999);
    await one.svc.enqueue("a");
    const again = await open(one, "", last);
    expect(names(await again.events())).toEqual(["connected", "job.created"]);
    await again.leave();
    one.clock.advance(60_000);
    await one.svc.enqueue("a");
    expect(names(await (await open(one, "", last)).events())).toEqual(["connected", "gap"]);
    expect(one.clock.nextAlarmAt()).toBeDefined();
  });

  test("sends away a reader that falls behind, and has room for others then", async () => {
    const one = rig({ limits: { streams: 1 } });
    const { body } = await one.server.fetch(new Request("http://localhost/api/v1/events"));
    const tags = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`tag-${n}`, "x".repeat(255)]));
    for (let n = 0; n < 150; n++) await one.svc.enqueue("a", 1, { tags });
    await settled();
    const other = await open(one);
    expect(names(await other.events())).toEqual(["connected"]);

    let bytes = 0;
    for await (const chunk of body as ReadableStream<Uint8Array>) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(1024 * 1024);
    expect(bytes).toBeLessThan(1.1 * 1024 * 1024);
  });

  test("are not opened by HEAD, which nobody reads", async () => {
    const { server, call } = rig({ limits: { streams: 1 } });
    for (let n = 0; n < 3; n++) {
      const { status, headers } = await call("HEAD", "/api/v1/events");
      expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    }
    const { status, body } = await server.fetch(new Request("http://localhost/api/v1/events"));
    expect(status).toBe(200);
    await body?.cancel();
  });

  test("has a limit of how many may read", async () => {
    const { server, call } = rig({ limits: { streams: 2 } });
    const url = "http://localhost/api/v1/events";
    const streams = [await server.fetch(new Request(url)), await server.fetch(new Request(url))];
    expect(await call("GET", "/api/v1/events")).toMatchObject({
      status: 503,
      body: { error: { code: "unavailable" } },
    });
    await streams[0]?.body?.cancel();
    expect((await server.fetch(new Request(url))).status).toBe(200);
  });

  test("ends when the server closes, and none begins afterwards", async () => {
    const one = rig();
    const reader = await open(one);
    await one.svc.enqueue("a");
    one.server.close();
    expect(names(await reader.events())).toEqual(["connected", "job.created"]);
    expect(reader.ended).toBe(true);
    expect((await one.call("GET", "/api/v1/events")).status).toBe(503);
    expect(one.clock.nextAlarmAt()).toBeUndefined();
  });
});
