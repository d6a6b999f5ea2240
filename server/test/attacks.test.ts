import { describe, expect, test } from "vitest";
import { type Rig, read, request, rig, settled } from "./rig.ts";

/** Sends a body as a stream of unknown length. */
async function stream(
  { server }: Rig,
  body: ReadableStream<Uint8Array>,
  headers: Record<string, string> = { "content-type": "application/json", "transfer-encoding": "chunked" },
): ReturnType<typeof read> {
  const init = { method: "POST", body, duplex: "half", headers };
  return read(await server.fetch(new Request("http://localhost/api/v1/jobs", init as RequestInit)));
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("bodies", () => {
  test("above the limit are refused unread when they say how long they are", async () => {
    const { call } = rig({ limits: { body: 100 } });
    const { status, body } = await call("POST", "/api/v1/jobs", { type: "a" }, { "content-length": "101" });
    expect([status, body.error.code]).toEqual([413, "too_large"]);
    for (const length of ["-1", "1e9", "NaN", "0x10", ""]) {
      const answer = await call("POST", "/api/v1/jobs", { type: "a" }, { "content-length": length });
      expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
    }
  });

  test("above the limit are refused also when they lie about their length", async () => {
    const { call } = rig({ limits: { body: 100 } });
    const body = { type: "a", payload: "x".repeat(200) };
    expect((await call("POST", "/api/v1/jobs", body, { "content-length": "50" })).status).toBe(413);
  });

  test("above the limit are cut off where they do not", async () => {
    const one = rig({ limits: { body: 1000 } });
    let sent = 0;
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 100;
        controller.enqueue(bytes(" ".repeat(100)));
      },
      cancel() {
        canceled = true;
      },
    });
    const { status, body } = await stream(one, endless);
    expect([status, body.error.code]).toEqual([413, "too_large"]);
    expect(canceled).toBe(true);
    expect(sent).toBeLessThan(2000);
  });

  test("up to the limit are taken, 10 MiB by default", async () => {
    const one = rig({ service: { payloadLimit: 2 ** 24 } });
    const text = (length: number) => `{"type":"a","payload":"${"x".repeat(length - 25)}"}`;
    expect((await one.call("POST", "/api/v1/jobs", text(10 * 1024 * 1024))).status).toBe(201);
    expect((await one.call("POST", "/api/v1/jobs", text(10 * 1024 * 1024 + 1))).status).toBe(413);
  });

  test("that come too slowly are given up", async () => {
    const one = rig({ timeouts: { body: "30s" } });
    let canceled = false;
    const slow = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('{"type":')),
      cancel() {
        canceled = true;
      },
    });
    const asked = stream(one, slow);
    await settled();
    one.clock.advance(30_000);
    const { status, body, headers } = await asked;
    expect([status, body.error.code, headers.get("connection")]).toEqual([408, "request_timeout", "close"]);
    await settled();
    expect(canceled).toBe(true);
  });

  test("that break off are refused", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes('{"type":"a"}')),
      pull: () => Promise.reject(new Error("reset")),
    });
    const { status, body } = await stream(rig(), broken);
    expect([status, body.error.code]).toEqual([400, "invalid_request"]);
  });

  test.each(["content-length", "x-unknown-length"])(
    "that were read before are said to be so, with %s",
    async (length) => {
      const { server } = rig();
      const sent = () => request("http://localhost/api/v1/jobs", "POST", { type: "a" }, { [length]: "12" });
      const [used, locked] = [sent(), sent()];
      await used.text();
      locked.body?.getReader();
      for (const one of [used, locked]) {
        const { status, body } = await read(await server.fetch(one));
        expect([status, body.error.code]).toEqual([400, "invalid_request"]);
        expect(body.error.message).toContain("mount the server before body parsers such as express.json()");
      }
    },
  );

  test.each([
    ["nothing", ""],
    ["blanks", "  \n"],
    ["broken JSON", '{"type":"a"'],
    ["no JSON", "type=a"],
    ["a comment", '{"type":"a"/**/}'],
    ["a trailing comma", '{"type":"a",}'],
    ["a number that is none", '{"type":"a","priority":01}'],
    ["two values", '{"type":"a"}{"type":"b"}'],
  ])("of %s are no valid request", async (_, text) => {
    const { status, body } = await rig().call("POST", "/api/v1/jobs", text);
    expect([status, body.error.code]).toEqual([400, "invalid_request"]);
  });

  test.each([
    ["an array", "[]"],
    ["a string", '"a"'],
    ["null", "null"],
  ])("that are %s are not valid", async (_, text) => {
    const { status, body } = await rig().call("POST", "/api/v1/jobs", text);
    expect([status, body.error.code]).toEqual([400, "validation_failed"]);
  });

  test("that are no UTF-8 are refused instead of changed", async () => {
    const one = rig();
    const text = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Uint8Array.from([...bytes('{"type":"a'), 0xff, ...bytes('"}')]));
        controller.close();
      },
    });
    expect(await stream(one, text)).toMatchObject({ status: 400, body: { error: { code: "invalid_request" } } });
  });

  test("may end in the middle of a character of a chunk", async () => {
    const one = rig();
    const [whole, cut] = [bytes('{"type":"é"}'), 10];
    const text = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(whole.slice(0, cut));
        controller.enqueue(whole.slice(cut));
        controller.close();
      },
    });
    expect(await stream(one, text)).toMatchObject({ status: 201, body: { type: "é" } });
  });
});

describe("JSON", () => {
  test("nested too deeply is refused before it is parsed", async () => {
    const { call } = rig();
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      const nested = (depth: number) => `{"type":"a","payload":${open.repeat(depth)}1${close.repeat(depth)}}`;
      expect((await call("POST", "/api/v1/jobs", nested(99))).status).toBe(201);
      expect(await call("POST", "/api/v1/jobs", nested(100))).toMatchObject({
        status: 400,
        body: { error: { code: "invalid_request" } },
      });
      expect((await call("POST", "/api/v1/jobs", nested(1_000_000))).status).toBe(400);
    }
    expect((await call("POST", "/api/v1/jobs", "[".repeat(5_000_000))).status).toBe(400);
  });

  test.each([
    ["at the top", '{"type":"a","type":"b"}'],
    ["within", '{"type":"a","payload":{"x":1,"y":[{"x":1}],"x":2}}'],
    ["written with an escape", String.raw`{"type":"a","t\u0079pe":"b"}`],
    ["with blanks before the colon", '{"type" :"a","type"\n:"b"}'],
    ["that pollute", '{"type":"a","payload":{"__proto__":1,"__proto__":2}}'],
  ])("with a key twice is refused: %s", async (_, text) => {
    const { call, svc } = rig();
    const { status, body } = await call("POST", "/api/v1/jobs", text);
    expect([status, body.error.code]).toEqual([400, "invalid_request"]);
    expect(await svc.find()).toEqual([]);
  });

  test.each([
    ["the same key in two objects", '[{"a":1},{"a":2},{"b":{"a":3}}]'],
    ["the same text twice in an array", '["a","a"]'],
    ["brackets and quotes in strings", String.raw`{"a":"}{[]\"","b":"a\\","c":"\\\""}`],
    ["a key that looks like a value", '{"a":"b","b":"a"}'],
    ["the empty key", '{"":1}'],
  ])("with %s is taken", async (_, payload) => {
    const { call, svc } = rig();
    const { status, body } = await call("POST", "/api/v1/jobs", `{"type":"a","payload":${payload}}`);
    expect(status).toBe(201);
    expect((await svc.get(body.id))?.payload).toEqual(JSON.parse(payload));
  });

  test("pollutes no prototype, and is kept as it is", async () => {
    const { call, svc } = rig();
    const polluting = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const { body } = await call("POST", "/api/v1/jobs", `{"type":"a","payload":${polluting}}`);
    expect(JSON.stringify((await svc.get(body.id))?.payload)).toBe(polluting);
    for (const text of [
      '{"type":"a","__proto__":{"priority":0}}',
      '{"type":"a","tags":{"__proto__":{"polluted":"yes"}}}',
      '{"type":"a","backoff":{"__proto__":{"strategy":"constant"}}}',
      '{"type":"a","constructor":1}',
      '{"__proto__":{"type":"a"}}',
    ]) {
      expect(await call("POST", "/api/v1/jobs", text)).toMatchObject({
        status: 400,
        body: { error: { code: "validation_failed" } },
      });
    }
    const tagged = await call("POST", "/api/v1/jobs", '{"type":"a","tags":{"__proto__":"x","toString":"y"}}');
    expect(tagged.status).toBe(201);
    expect(Object.entries(tagged.body.tags)).toEqual([
      ["__proto__", "x"],
      ["toString", "y"],
    ]);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("paths", () => {
  test.each([
    "/api/v1/jobs/../../../etc/passwd",
    "/api/v1/jobs/%2e%2e/%2e%2e/health",
    "/api/v1/jobs/..%2f..%2fhealth/x",
    "//api/v1/jobs",
    "/api/v1/jobs/",
    "/api/v1/jobs/a/b",
    "/API/v1/jobs",
    "/api/v1/jobs;a=b",
    "/api/v2/jobs",
    "/api/v1/jobs/x/unknown",
    "/.env",
    "/",
  ])("that lead nowhere are not found: %s", async (path) => {
    const { server } = rig();
    const { status, body, headers } = await read(await server.fetch(new Request(`http://localhost${path}`)));
    expect(body.error.code).toBe("not_found");
    expect(status).toBe(404);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each([
    ["%00", 400],
    ["a%0d%0aset-cookie:x=1", 400],
    ["%zz", 404],
    ["%c0%ae", 404],
    ["%2e%2e", 200], // the index, /api/v1/
    ["%2e%2e%2f%2e%2e", 404],
    ["a%2fb", 404],
    ["__proto__", 404],
    ["constructor", 404],
    ["x".repeat(256), 400],
    ["<script>alert(1)</script>".replaceAll("/", "%2f"), 404],
  ])("with the id %s reach no job and no header", async (id, expected) => {
    const { server } = rig();
    const response = await server.fetch(new Request(`http://localhost/api/v1/jobs/${id}`));
    const { status, headers } = await read(response);
    expect(status).toBe(expected);
    expect(headers.get("set-cookie")).toBeNull();
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test.each([
    ["PUT", "/api/v1/jobs", "POST, GET, HEAD, OPTIONS"],
    ["PATCH", "/api/v1/jobs/x", "GET, DELETE, HEAD, OPTIONS"],
    ["GET", "/api/v1/jobs/x/cancel", "POST, OPTIONS"],
    ["DELETE", "/health", "GET, HEAD, OPTIONS"],
  ])("%s %s is not allowed, and it is said what is", async (method, path, allow) => {
    const { status, body, headers } = await rig().call(method, path);
    expect([status, body.error.code]).toEqual([405, "method_not_allowed"]);
    expect(headers.get("allow")?.split(", ").sort()).toEqual(allow.split(", ").sort());
  });

  test("HEAD is GET without a body, OPTIONS tells the methods", async () => {
    const { call } = rig();
    expect(await call("HEAD", "/api/v1/stats")).toMatchObject({ status: 200, body: "" });
    const { status, headers } = await call("OPTIONS", "/api/v1/stats");
    expect([status, headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect((await call("OPTIONS", "/nothing")).status).toBe(404);
  });

  test("lie below the base path where there is one, and nowhere else", async () => {
    const { server } = rig({ basePath: "/queue.v1" });
    const get = async (path: string) => (await server.fetch(new Request(`http://localhost${path}`))).status;
    expect(await get("/queue.v1/api/v1/jobs")).toBe(200);
    expect(await get("/queue.v1/health")).toBe(200);
    expect(await get("/api/v1/jobs")).toBe(404);
    expect(await get("/queuexv1/api/v1/jobs")).toBe(404);
    const put = await server.fetch(new Request("http://localhost/queue.v1/api/v1/jobs", { method: "PUT" }));
    expect(put.status).toBe(405);
  });
});

describe("headers", () => {
  test("of every response keep browsers from making more of it than it is", async () => {
    const { call } = rig();
    for (const answer of [
      await call("GET", "/api/v1/jobs"),
      await call("GET", "/nothing"),
      await call("DELETE", "/api/v1/jobs/x"),
    ]) {
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
      });
    }
  });

  test("repeat a request's id only when it is harmless, and name every other request", async () => {
    const { call } = rig();
    const idOf = async (id?: string) =>
      (await call("GET", "/live", undefined, id === undefined ? {} : { "x-request-id": id })).headers.get(
        "x-request-id",
      );
    expect(await idOf("abc-1.2_3")).toBe("abc-1.2_3");
    const made = [
      await idOf(),
      await idOf("a b"),
      await idOf("<script>"),
      await idOf("x".repeat(129)),
      await idOf("é"),
    ];
    expect(new Set(made).size).toBe(5);
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-\d+$/);
  });

  test("nothing that was sent comes back as anything but JSON", async () => {
    const { call } = rig();
    const script = "<script>alert(1)</script>";
    const { headers, body } = await call("POST", "/api/v1/jobs", { type: script, payload: script });
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(body.type).toBe(script);
  });
});
