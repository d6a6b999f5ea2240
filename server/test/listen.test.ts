import { once } from "node:events";
import { Agent, createServer as createHttpServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { getRequestListener } from "@hono/node-server";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer, type JobServer, type ServerOptions } from "@jobq/server";
import { type Listening, listen } from "@jobq/server/node";
import { createService, type JobService } from "@jobq/service";
import { afterEach, describe, expect, test } from "vitest";
import { caller } from "./rig.ts";

const open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.close({ deadline: 0 })));
});

interface Started {
  readonly svc: JobService;
  readonly server: JobServer;
  readonly listening: Listening;
}

async function start(options: ServerOptions = {}): Promise<Started> {
  const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
  const server = createServer(svc, options);
  const listening = await listen(server, { port: 0 });
  open.push(listening);
  return { svc, server, listening };
}

/** Sends text as it is and returns all that comes back until the connection ends. */
function raw({ port }: Listening, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("listen", () => {
  test("serves over HTTP on a free port of loopback", async () => {
    const { listening, svc } = await start();
    expect(listening).toMatchObject({ host: "127.0.0.1", url: `http://127.0.0.1:${listening.port}` });
    const response = await fetch(`${listening.url}/api/v1/jobs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "a", payload: "é" }),
    });
    expect(response.status).toBe(201);
    const [job] = await svc.find();
    expect(await svc.get(job?.id ?? "")).toMatchObject({ payload: "é" });
  });

  test("closes although somebody has connected and asked for nothing yet", { timeout: 10_000 }, async () => {
    const { listening } = await start();
    const socket = connect(listening.port, "127.0.0.1");
    await once(socket, "connect");
    await fetch(`${listening.url}/live`);
    socket.on("error", () => {});
    const gone = once(socket, "close");
    await listening.close({ deadline: "1h" });
    await gone;
  });

  test("serves over IPv6", async () => {
    const { server } = await start();
    const listening = await listen(server, { port: 0, host: "::1" });
    open.push(listening);
    expect(listening.url).toBe(`http://[::1]:${listening.port}`);
    expect((await fetch(`${listening.url}/live`)).status).toBe(200);
  });

  test("refuses an address that others reach to a server without keys", async () => {
    const { server } = await start();
    for (const host of ["0.0.0.0", "::", "192.168.1.1", "example.com"]) {
      await expect(listen(server, { port: 0, host })).rejects.toThrow(RangeError);
    }
    const keys = [{ name: "a", role: "viewer", key: "viewer-key-0123456789" }] as const;
    const { svc } = await start();
    const listening = await listen(createServer(svc, { keys }), { port: 0, host: "0.0.0.0" });
    open.push(listening);
    expect((await fetch(`http://127.0.0.1:${listening.port}/api/v1/jobs`)).status).toBe(401);
  });

  test.each([{ port: -1 }, { port: 65_536 }, { port: 1.5 }, { host: "" }])("refuses %o", async (options) => {
    const { server } = await start();
    await expect(listen(server, options)).rejects.toThrow(/must be/);
  });

  test("refuses options that there are not, and goes on", async () => {
    const { server, listening } = await start();
    await expect(listen(server, { prot: 80 } as never)).rejects.toThrow(/must not have "prot"; did you mean "port"/);
    await expect(listening.close({ daedline: 0 } as never)).rejects.toThrow(/must not have "daedline"/);
    expect((await fetch(`${listening.url}/live`)).status).toBe(200);
  });

  test("rejects when the port is taken", async () => {
    const { server, listening } = await start();
    await expect(listen(server, { port: listening.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

describe("on the wire", () => {
  test.each(["", "Transfer-Encoding: chunked\r\n"])(
    "a POST without a body needs no content-type: %j",
    async (header) => {
      const { listening, svc } = await start();
      const end = header === "" ? "" : "0\r\n\r\n";
      const post = (path: string) =>
        raw(listening, `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n${end}`);
      const id = await svc.enqueue("a");
      expect(await post(`/api/v1/jobs/${id}/cancel`)).toContain('"state":"cancelled"');
      expect(await post("/api/v1/jobs")).toContain("a body of JSON is needed");
      const typeless = "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
      const sent = header === "" ? "Content-Length: 2\r\n\r\n{}" : `${header}\r\n2\r\n{}\r\n0\r\n\r\n`;
      expect(await raw(listening, typeless + sent)).toContain("unsupported_media_type");
    },
  );

  test("a body that is too long is refused while it is being sent, chunked or not", async () => {
    const { listening } = await start({ limits: { body: 1000 } });
    const head =
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    const chunked = await raw(
      listening,
      `${head}Transfer-Encoding: chunked\r\n\r\n${`400\r\n${" ".repeat(1024)}\r\n`.repeat(3)}`,
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    const declared = await raw(listening, `${head}Content-Length: 1001\r\n\r\n`);
    expect(declared).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a body that never comes is given up, and its connection closed", async () => {
    const { listening } = await start({ timeouts: { body: "50ms" } });
    const head =
      "POST /api/v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n";
    const answer = await raw(listening, `${head}{`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  });

  test("a body that a parser before the server has read is said to be so", async () => {
    const { server } = await start();
    const listener = getRequestListener((request) => server.fetch(request));
    const http = createHttpServer(async (incoming, outgoing) => {
      await text(incoming);
      await listener(incoming, outgoing);
    });
    await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
    const { port } = http.address() as AddressInfo;
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: '{"type":"a"}' };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/jobs`, init);
    http.close();
    expect([answer.status, (await answer.json()).error.message]).toEqual([
      400,
      "the body was read before it got here: mount the server before body parsers such as express.json()",
    ]);
  });

  test.each([
    ["no Host that can be read", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
    ["a path with a backslash", "GET /\\evil HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"],
    ["a header with a line break", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\n c\r\n\r\n"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["no HTTP", "hello\r\n\r\n"],
  ])("a request with %s is refused", async (_, text) => {
    const { listening } = await start();
    expect(await raw(listening, text.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
  });

  test("another name for this machine is refused", async () => {
    const { listening } = await start();
    const answer = await raw(
      listening,
      "GET /api/v1/jobs HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("events arrive as they happen, and the reader's leaving is noticed", async () => {
    const { listening, svc } = await start({ limits: { streams: 1 } });
    const leave = new AbortController();
    const response = await fetch(`${listening.url}/api/v1/events`, { signal: leave.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toContain("event: connected");
    await svc.enqueue("a");
    expect(await next()).toContain("event: job.created");
    expect((await fetch(`${listening.url}/api/v1/events`)).status).toBe(503);
    leave.abort();
    await expect
      .poll(async () => {
        const again = await fetch(`${listening.url}/api/v1/events`);
        await again.body?.cancel();
        return again.status;
      })
      .toBe(200);
  });
});

describe("close", () => {
  test("lets requests end that are under way, ends waits and streams, and frees the port", async () => {
    const { listening, svc, server } = await start();
    const id = await svc.enqueue("a");
    const stream = await fetch(`${listening.url}/api/v1/events`);
    const waiting = fetch(`${listening.url}/api/v1/jobs/${id}/wait`, { method: "POST" });
    const slow = slowSubmit(listening);
    await slow.begun;

    const closed = listening.close({ deadline: "10s" });
    expect(await (await waiting).json()).toMatchObject({ timed_out: true });
    expect(await stream.text()).toContain("connected");
    slow.finish();
    expect((await slow.response).statusCode).toBe(201);
    await closed;

    await expect(fetch(`${listening.url}/live`)).rejects.toThrow();
    expect(await svc.find()).toHaveLength(2);
    open.push(await listen(createServer(svc), { port: listening.port }));
    expect(server.access).toBe("loopback");
  });

  test("cuts off what has not ended by the deadline", async () => {
    const { listening } = await start();
    const slow = slowSubmit(listening);
    await slow.begun;
    const cut = expect(slow.response).rejects.toThrow();
    await listening.close({ deadline: 20 });
    await cut;
  });

  test("is not held up by connections that are kept alive, and can be asked for twice", async () => {
    const { listening } = await start();
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve) => {
      httpRequest(`${listening.url}/live`, { agent }, (response) => response.resume().on("end", resolve)).end();
    });
    await Promise.all([listening.close({ deadline: "60s" }), listening.close({ deadline: "60s" })]);
    agent.destroy();
  });
});

test("the same fetch handler can be passed on by itself", async () => {
  const { fetch: handler } = createServer(createService({ jobs: memoryJobs(), topics: memoryTopics() }));
  expect((await caller({ fetch: handler } as JobServer)("GET", "/live")).status).toBe(200);
});

/** A submission whose body is held back until `finish`; it has begun when the server waits for that. */
function slowSubmit({ url }: Listening): {
  readonly begun: Promise<void>;
  readonly response: Promise<IncomingMessage>;
  readonly finish: () => void;
} {
  const text = '{"type":"slow"}';
  const headers = { "content-type": "application/json", "content-length": text.length, expect: "100-continue" };
  const asked = httpRequest(`${url}/api/v1/jobs`, { method: "POST", headers });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    asked.on("response", (answer) => resolve(answer.resume()));
    asked.on("error", reject);
  });
  const begun = new Promise<void>((resolve) => asked.on("continue", resolve));
  asked.flushHeaders();
  return { begun, response, finish: () => asked.end(text) };
}
