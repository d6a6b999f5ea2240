import { createServer, hashKey, newKey, ROLES, type ServerOptions } from "@jobq/server";
import { describe, expect, test } from "vitest";
import { differenceOf } from "../src/access/digest-difference.ts";
import { servedDocument, templateOf } from "./contract.ts";
import { caller, type Rig, rig } from "./rig.ts";

const KEYS = {
  metrics: "metrics-key-0123456789",
  viewer: "viewer-key-0123456789",
  operator: "operator-key-0123456789",
  admin: "admin-key-0123456789",
} as const;

const keys = ROLES.map((role) => ({ name: `the ${role}`, role, key: KEYS[role] }));
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

describe("keys", () => {
  test.each(["Bearer", "bearer"])("are taken as Authorization: %s", async (scheme) => {
    const { call } = rig({ keys });
    const headers = { authorization: `${scheme} ${KEYS.viewer}` };
    expect((await call("GET", "/api/v1/jobs", undefined, headers)).status).toBe(200);
  });

  test("are taken as X-API-Key, on any host", async () => {
    const { server } = rig({ keys });
    const call = caller(server, "https://jobs.example.com");
    expect((await call("GET", "/api/v1/jobs", undefined, { "x-api-key": KEYS.viewer })).status).toBe(200);
  });

  test("can be given by their hash", async () => {
    const key = newKey();
    expect(key).toMatch(/^[\w-]{43}$/);
    const { call } = rig({ keys: [{ name: "ci", role: "operator", hash: (await hashKey(key)).toUpperCase() }] });
    expect((await call("POST", "/api/v1/jobs", { type: "a" }, bearer(key))).status).toBe(201);
    expect((await call("POST", "/api/v1/jobs", { type: "a" }, bearer(await hashKey(key)))).status).toBe(401);
  });

  test.each([
    ["none", {}],
    ["an unknown one", bearer("somebody-elses-key-0123")],
    ["a prefix of one", bearer(KEYS.admin.slice(0, -1))],
    ["one and more", bearer(`${KEYS.admin}0`)],
    ["an empty one", { "x-api-key": "" }],
    ["another scheme", { authorization: `Basic ${btoa(`admin:${KEYS.admin}`)}` }],
  ])("are needed: %s is unauthorized", async (_, headers: Record<string, string>) => {
    const { call } = rig({ keys });
    const { status, body, headers: sent } = await call("GET", "/api/v1/jobs", undefined, headers);
    expect([status, body.error.code]).toEqual([401, "unauthorized"]);
    expect(sent.get("www-authenticate")).toBe("Bearer");
  });

  test("are needed before anything is said of a path, but for health", async () => {
    const { call } = rig({ keys });
    for (const path of ["/api/v1/nothing", "/", "/metrics", "/api/v1/openapi.json"]) {
      expect((await call("GET", path)).status).toBe(401);
    }
    expect((await call("PUT", "/api/v1/jobs", {})).status).toBe(401);
    for (const path of ["/health", "/live", "/ready"]) expect((await call("GET", path)).status).toBe(200);
  });

  test("are needed outside the base path too, and for the routes of modules that the server was not given", async () => {
    const { call } = rig({ keys, basePath: "/queue" });
    for (const path of ["/api/v1/jobs", "/queue/api/v1/nothing", "/queue/api/v1/schedules"]) {
      expect((await call("GET", path)).status, path).toBe(401);
      expect((await call("GET", path, undefined, bearer(KEYS.viewer))).status, path).toBe(404);
    }
  });

  test("are checked before a body is read", async () => {
    const { server } = rig({ keys });
    let pulled = false;
    const body = new ReadableStream(
      {
        pull() {
          pulled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const init = { method: "POST", body, duplex: "half", headers: { "content-type": "application/json" } };
    expect((await server.fetch(new Request("http://localhost/api/v1/jobs", init as RequestInit))).status).toBe(401);
    expect(pulled).toBe(false);
  });

  test("are compared to their end, wherever they differ first", () => {
    const reads = (at: number | undefined): number => {
      let count = 0;
      const digest = Array.from({ length: 32 }, (_, index) => (index === at ? 1 : 0));
      const counting = new Proxy(digest, {
        get(target, key) {
          if (key !== "length") count++;
          return Reflect.get(target, key);
        },
      });
      expect(differenceOf(new Uint8Array(32), counting) === 0).toBe(at === undefined);
      return count;
    };
    expect([undefined, 0, 15, 31].map(reads)).toEqual([32, 32, 32, 32]);
    expect(differenceOf([1, 2], [1])).not.toBe(0);
    expect(differenceOf([1], [1, 2])).not.toBe(0);
  });
});

describe("roles", () => {
  const operations: readonly [string, string, string | undefined, (typeof ROLES)[number]][] = [
    ["GET", "/api/v1", undefined, "viewer"],
    ["GET", "/api/v1/jobs", undefined, "viewer"],
    ["GET", "/api/v1/jobs/x", undefined, "viewer"],
    ["GET", "/api/v1/jobs/x/result", undefined, "viewer"],
    ["POST", "/api/v1/jobs/x/wait", undefined, "viewer"],
    ["GET", "/api/v1/stats", undefined, "viewer"],
    ["GET", "/metrics", undefined, "metrics"],
    ["POST", "/api/v1/jobs", '{"type":"a"}', "operator"],
    ["POST", "/api/v1/jobs/batch", '{"jobs":[{"type":"a"}]}', "operator"],
    ["POST", "/api/v1/jobs/x/cancel", undefined, "operator"],
    ["POST", "/api/v1/jobs/x/retry", undefined, "operator"],
    ["POST", "/api/v1/jobs/x/reset", undefined, "operator"],
    ["GET", "/api/v1/jobs/x/logs", undefined, "viewer"],
    ["POST", "/api/v1/topics/a/reserve", undefined, "operator"],
    ["POST", "/api/v1/reservations/x/done", '{"token":1}', "operator"],
    ["POST", "/api/v1/topics/a/pause", undefined, "operator"],
    ["POST", "/api/v1/topics/a/resume", undefined, "operator"],
    ["GET", "/api/v1/jobs/x/attempts", undefined, "viewer"],
    ["POST", "/api/v1/records/find", undefined, "viewer"],
    ["GET", "/api/v1/records/x", undefined, "viewer"],
    ["GET", "/api/v1/records/x/status", undefined, "viewer"],
    ["GET", "/api/v1/records/x/ending", undefined, "viewer"],
    ["POST", "/api/v1/records", '{"topic":"a"}', "operator"],
    ["POST", "/api/v1/records/batch", '{"requests":[]}', "operator"],
    ["POST", "/api/v1/records/submit", '{"requests":[]}', "operator"],
    ["POST", "/api/v1/records/cancel", '{"query":{"topic":"a"}}', "operator"],
    ["POST", "/api/v1/records/reset", '{"query":{"state":"done"}}', "operator"],
    ["GET", "/api/v1/limits", undefined, "viewer"],
    ["GET", "/api/v1/jobs/x/wait?timeout=0s", undefined, "viewer"],
    ["GET", "/api/v1/jobs/x/explain", undefined, "viewer"],
    ["POST", "/api/v1/jobs/retry", '{"state":["failed"]}', "operator"],
    ["GET", "/api/v1/topics", undefined, "viewer"],
    ["GET", "/api/v1/tally", undefined, "viewer"],
    ["GET", "/api/v1/activity", undefined, "viewer"],
    ["GET", "/api/v1/me", undefined, "viewer"],
    ["GET", "/api/v1/openapi.json", undefined, "viewer"],
    ["POST", "/api/v1/reservations/x/retry", '{"token":1}', "operator"],
    ["POST", "/api/v1/reservations/x/cancel", '{"token":1}', "operator"],
    ["POST", "/api/v1/reservations/x/release", '{"token":1}', "operator"],
    ["POST", "/api/v1/reservations/x/extend", '{"token":1}', "operator"],
    ["POST", "/api/v1/reservations/x/log", '{"token":1,"line":"a"}', "operator"],
    ["POST", "/api/v1/reservations/x/progress", '{"token":1,"value":1}', "operator"],
    ["GET", "/api/v1/schedules", undefined, "viewer"],
    ["GET", "/api/v1/schedules/x", undefined, "viewer"],
    ["POST", "/api/v1/schedules/x/run", undefined, "operator"],
    ["POST", "/api/v1/schedules/x/pause", undefined, "operator"],
    ["POST", "/api/v1/schedules/x/resume", undefined, "operator"],
    ["DELETE", "/api/v1/schedules/x", undefined, "admin"],
    ["GET", "/api/v1/workflows", undefined, "viewer"],
    ["GET", "/api/v1/workflows/x", undefined, "viewer"],
    ["GET", "/api/v1/workflows/x/state", undefined, "viewer"],
    ["POST", "/api/v1/workflows/x/signals/y", undefined, "operator"],
    ["POST", "/api/v1/workflows/x/cancel", undefined, "operator"],
    ["GET", "/api/v1/bundles", undefined, "viewer"],
    ["GET", "/api/v1/bundles/x", undefined, "viewer"],
    ["POST", "/api/v1/bundles/x/cancel", undefined, "operator"],
    ["DELETE", "/api/v1/jobs/x", undefined, "admin"],
    ["POST", "/api/v1/jobs/purge", '{"state":"done"}', "admin"],
  ];

  test("are known here of every route but the stream of events, which never ends", async () => {
    const { paths } = await servedDocument();
    const taking = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) =>
        "x-role" in operation ? [`${method.toUpperCase()} ${path}`] : [],
      ),
    );
    const listed = operations.map(([method, path]) => `${method} ${templateOf(path)}`);
    expect([...listed, "GET /api/v1/events"].sort()).toEqual(taking.sort());
  });

  test.each(operations)("%s %s takes a role", async (method, path, body, needed) => {
    const { call } = rig({ keys });
    for (const role of ROLES) {
      const { status, body: answer } = await call(method, path, body, bearer(KEYS[role]));
      if (ROLES.indexOf(role) < ROLES.indexOf(needed)) expect(answer.error.code).toBe("forbidden");
      else expect([200, 201, 404, 409]).toContain(status);
    }
  });

  test("whoever lacks one changes nothing", async () => {
    const { call, svc } = rig({ keys });
    const id = await svc.enqueue("a");
    await call("POST", `/api/v1/jobs/${id}/cancel`, undefined, bearer(KEYS.viewer));
    await call("DELETE", `/api/v1/jobs/${id}`, undefined, bearer(KEYS.operator));
    expect(await svc.status(id)).toMatchObject({ state: "ready" });
  });
});

describe("rates", () => {
  const get = ({ call }: Rig, key: string) => call("GET", "/api/v1/jobs", undefined, bearer(key));

  test("are counted by key, and say when to come back", async () => {
    const one = rig({ keys, rate: { max: 2, per: "10s" } });
    expect((await get(one, KEYS.viewer)).status).toBe(200);
    expect((await get(one, KEYS.viewer)).status).toBe(200);
    const { status, body, headers } = await get(one, KEYS.viewer);
    expect([status, body.error.code, headers.get("retry-after")]).toEqual([429, "rate_limited", "5"]);
    expect((await get(one, KEYS.admin)).status).toBe(200);

    one.clock.advance(5000);
    expect((await get(one, KEYS.viewer)).status).toBe(200);
    expect((await get(one, KEYS.viewer)).status).toBe(429);
  });

  test("of a key go before those of the server, and health is not counted", async () => {
    const fast = { name: "fast", role: "viewer", key: "fast-key-0123456789", rate: { max: 5, per: "1s" } } as const;
    const one = rig({ keys: [...keys, fast], rate: { max: 1, per: "1s" } });
    for (let n = 0; n < 5; n++) expect((await get(one, fast.key)).status).toBe(200);
    expect((await get(one, fast.key)).status).toBe(429);
    for (let n = 0; n < 10; n++) expect((await one.call("GET", "/live")).status).toBe(200);
  });

  test("are neither given nor taken by a wall clock that is set", async () => {
    const one = rig({ keys, rate: { max: 1, per: "1s" } });
    expect((await get(one, KEYS.viewer)).status).toBe(200);
    one.clock.step(60_000);
    expect((await get(one, KEYS.viewer)).status).toBe(429);
    one.clock.step(-120_000);
    one.clock.advance(1000);
    expect((await get(one, KEYS.viewer)).status).toBe(200);
  });
});

describe("without keys", () => {
  test.each([
    "http://localhost",
    "http://localhost:8080",
    "http://127.0.0.1:3000",
    "http://127.8.8.8",
    "http://[::1]:8080",
    "http://jobs.localhost",
    "http://LOCALHOST",
  ])("a request to %s is served", async (base) => {
    expect((await caller(rig().server, base)("GET", "/api/v1/jobs")).status).toBe(200);
  });

  test.each([
    "http://evil.example.com",
    "http://localhost.evil.example.com",
    "http://127.0.0.1.nip.io",
    "http://10.0.0.1",
    "http://[::2]",
    "http://0.0.0.0",
  ])("a request to %s is not: its name may have been bound anew to this machine", async (base) => {
    for (const path of ["/api/v1/jobs", "/health", "/nothing"]) {
      const { status, body } = await caller(rig().server, base)("GET", path);
      expect([status, body.error.code]).toEqual([403, "forbidden"]);
    }
  });

  test("the Host header counts as well as the URL", async () => {
    const { call } = rig();
    for (const host of ["evil.example.com", "localhost@evil.example.com", "localhost evil", "", "localhost:80:80"]) {
      expect((await call("GET", "/api/v1/jobs", undefined, { host })).status).toBe(403);
    }
    expect((await call("GET", "/api/v1/jobs", undefined, { host: "localhost:8080" })).status).toBe(200);
  });

  test("names of one's own can be allowed, and every name where access is open", async () => {
    const call = caller(rig({ hosts: ["Jobs.test"] }).server, "http://jobs.test");
    expect((await call("GET", "/api/v1/jobs")).status).toBe(200);
    const open = caller(rig({ access: "open" }).server, "http://anything.example.com");
    expect((await open("DELETE", "/api/v1/jobs/x")).status).toBe(404);
  });
});

describe("pages of other origins", () => {
  test.each([
    ["another origin", { origin: "https://evil.example.com" }],
    ["another port", { origin: "http://localhost:3000" }],
    ["no origin of their own", { origin: "null" }],
    ["another site, by GET", { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    ["the same site", { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }],
  ])("of %s are kept out", async (_, headers: Record<string, string>) => {
    const { call, svc } = rig();
    for (const [method, path] of [
      ["POST", "/api/v1/jobs"],
      ["GET", "/api/v1/events"],
    ] as const) {
      const {
        status,
        body,
        headers: sent,
      } = await call(method, path, method === "POST" ? { type: "a" } : undefined, headers);
      expect([status, body.error.code]).toEqual([403, "forbidden"]);
      expect(sent.get("access-control-allow-origin")).toBeNull();
    }
    expect(await svc.find()).toEqual([]);
  });

  test("cannot send a form or plain text either", async () => {
    const { call } = rig();
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]) {
      const { status, body } = await call("POST", "/api/v1/jobs", '{"type":"a"}', { "content-type": type });
      expect([status, body.error.code]).toEqual([415, "unsupported_media_type"]);
    }
  });

  test("pages of the server's own origin, and programs, are let in", async () => {
    const { call } = rig();
    const headers = { origin: "http://localhost", "sec-fetch-site": "same-origin" };
    expect((await call("POST", "/api/v1/jobs", { type: "a" }, headers)).status).toBe(201);
    const navigated = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await call("GET", "/api/v1", undefined, navigated)).status).toBe(200);
  });

  test("are let in where they are configured, with a preflight", async () => {
    const origin = "https://app.example.com";
    const { call } = rig({ keys, cors: { origins: [origin] } });
    const asked = { origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" };
    const preflight = await call("OPTIONS", "/api/v1/jobs", undefined, asked);
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, POST, DELETE, OPTIONS",
      "access-control-allow-headers": expect.stringContaining("X-API-Key"),
      vary: "Origin",
    });
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();

    const { status, headers } = await call("GET", "/api/v1/jobs", undefined, { origin, "x-api-key": KEYS.viewer });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    const refused = await call("GET", "/api/v1/jobs", undefined, { origin });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
    const other = await call("GET", "/api/v1/jobs", undefined, { origin: "https://evil.example.com" });
    expect([other.status, other.headers.get("access-control-allow-origin")]).toEqual([403, null]);
  });

  test("are let in from anywhere where that is configured, with a key all the same", async () => {
    const { call } = rig({ keys, cors: { origins: "*" } });
    const origin = "https://anybody.example.com";
    expect((await call("GET", "/api/v1/jobs", undefined, { origin })).status).toBe(401);
    expect((await call("GET", "/api/v1/jobs", undefined, { origin, "x-api-key": KEYS.viewer })).status).toBe(200);
  });
});

describe("options of a server", () => {
  const key = { name: "a", role: "viewer", key: KEYS.viewer };
  const hashed = { name: "a", role: "viewer", hash: "ab".repeat(32) };

  test.each<[string, unknown]>([
    ["no object", null],
    ["an unknown name", { kesy: [] }],
    ["access by keys without a key", { access: "keys" }],
    ["a list of keys without any", { keys: [] }],
    ["keys that are no list", { keys: null }],
    ["another access", { access: "everybody" }],
    ["a short key", { keys: [{ ...key, key: "short" }] }],
    ["a key and a hash", { keys: [{ ...key, hash: "0".repeat(64) }] }],
    ["neither", { keys: [{ name: "a", role: "viewer" }] }],
    ["a hash that is none", { keys: [{ name: "a", role: "viewer", hash: "abc" }] }],
    ["a name twice", { keys: [key, { ...key, key: KEYS.admin }] }],
    ["a name with a line break", { keys: [{ ...key, name: "a\nb" }] }],
    ["a key of another one", { keys: [key, { ...key, name: "b", role: "admin" }] }],
    [
      "a hash of another one",
      {
        keys: [
          { ...hashed, name: "b" },
          { ...hashed, hash: hashed.hash.toUpperCase() },
        ],
      },
    ],
    ["an unknown field of a key", { keys: [{ ...key, rates: { max: 1, per: "1s" } }] }],
    ["an unknown field of a rate", { rate: { max: 1, per: "1s", burst: 2 } }],
    ["a key that is nothing", { keys: [null] }],
    ["a key that is a text", { keys: ["0123456789abcdef"] }],
    ["hosts that are no list", { hosts: "a" }],
    ["hosts that are nothing", { hosts: null }],
    ["a host that is no text", { hosts: [1] }],
    ["a rate that is nothing", { rate: null }],
    ["a rate that is 0", { rate: 0 }],
    ["rules of origins that are nothing", { cors: null }],
    ["rules of origins that are false", { cors: false }],
    ["a dashboard that is nothing", { dashboard: null }],
    ["a base path that is no text", { basePath: 1 }],
    ["another role", { keys: [{ ...key, role: "root" }] }],
    ["a rate of nothing", { rate: { max: 0, per: "1s" } }],
    ["a rate per nothing", { rate: { max: 1, per: 0 } }],
    ["an origin with a path", { cors: { origins: ["https://app.example.com/"] } }],
    ["a limit of nothing", { limits: { body: 0 } }],
    ["an unknown limit", { limits: { bodies: 1 } }],
    ["a timeout of nothing", { timeouts: { wait: "0s" } }],
    ["a base path that is none", { basePath: "queue" }],
    ["a log that is no function", { log: "stdout" }],
  ])("%s is refused", (_, options) => {
    const { svc } = rig();
    expect(() => createServer(svc, options as ServerOptions)).toThrow(/ must (be|not have) /);
  });

  test("errors about keys say which, and what was meant", () => {
    const made = (list: readonly unknown[]) => () => createServer(rig().svc, { keys: list } as ServerOptions);
    expect(made([key, { ...key, name: "b" }])).toThrow(/keys\[1\] \(b\).*keys\[0\] \(a\)/);
    expect(made([{ ...key, rates: {} }])).toThrow(/keys\[0\].*"rates".*"rate"/);
    expect(made([null])).toThrow(/keys\[0\].*null/);
    expect(made([{ name: "a", role: "viewer" }])).toThrow(/keys\[0\].*got "neither"/);
    expect(made([{ ...key, hash: "0".repeat(64) }])).toThrow(/keys\[0\].*got "both"/);
    expect(made([{ ...hashed, hash: "s3cret" }])).toThrow(/^(?!.*s3cret)keys\[0\]\.hash .* got "6 characters"/);
    expect(made([{ ...hashed, hash: 5 }])).toThrow(/keys\[0\]\.hash .* got "number"/);
    expect(made([KEYS.admin])).toThrow(/^(?!.*admin).*keys\[0\]/);
  });

  test("a key that one has by itself and another by its hash opens nothing", async () => {
    const other = { name: "b", role: "viewer", hash: await hashKey(KEYS.admin) } as const;
    const { call } = rig({ keys: [{ name: "a", role: "admin", key: KEYS.admin }, other] });
    expect((await call("GET", "/api/v1/jobs", undefined, { "x-api-key": KEYS.admin })).status).toBe(500);
  });

  test("no keys are enough where access says who may call without one", () => {
    const { svc } = rig();
    expect(createServer(svc, { keys: [], access: "loopback" }).access).toBe("loopback");
    expect(createServer(svc, { keys: undefined } as unknown as ServerOptions).access).toBe("loopback");
  });

  test("errors name the option that was meant, and never repeat a key", () => {
    const { svc } = rig();
    expect(() => createServer(svc, { basepath: "/q" } as ServerOptions)).toThrow(/"basePath"/);
    const short = { keys: [{ name: "a", role: "viewer", key: "s3cret" }] } as ServerOptions;
    expect(() => createServer(svc, short)).toThrow(/^(?!.*s3cret)/s);
  });
});

describe("logs", () => {
  test("tell of every request, and audit lines of what changes something, but never what was in it", async () => {
    const lines: unknown[] = [];
    const audit: unknown[] = [];
    const { call, clock, svc } = rig({ keys, log: (line) => lines.push(line), audit: (line) => audit.push(line) });
    const submission = { type: "secret-type", payload: "secret-payload", tags: { a: "secret-tag" } };
    await call("POST", "/api/v1/jobs", submission, { ...bearer(KEYS.operator), "x-request-id": "req-1" });
    const [job] = await svc.find();
    await call("GET", "/api/v1/jobs?type=secret-type", undefined, bearer(KEYS.viewer));
    await call("DELETE", `/api/v1/jobs/${job?.id}`, undefined, bearer(KEYS.operator));
    await call("POST", "/api/v1/jobs/a%0Ab/cancel", undefined, bearer(KEYS.admin));
    await call("POST", "/api/v1/jobs", submission);

    const at = clock.now();
    expect(lines).toMatchObject([
      {
        at,
        requestId: "req-1",
        method: "POST",
        route: "/api/v1/jobs",
        status: 201,
        durationMs: 0,
        caller: "the operator",
      },
      { method: "GET", route: "/api/v1/jobs", status: 200, caller: "the viewer" },
      { method: "DELETE", route: "/api/v1/jobs/{id}", status: 403, caller: "the operator" },
      { method: "POST", route: "/api/v1/jobs/{id}/cancel", status: 400 },
      { method: "POST", status: 401, caller: undefined },
    ]);
    expect(audit).toMatchObject([
      {
        at,
        requestId: "req-1",
        caller: "the operator",
        role: "operator",
        operation: "submitJob",
        target: {},
        status: 201,
      },
      { operation: "deleteJob", target: { id: job?.id }, status: 403, code: "forbidden" },
      { operation: "cancelJob", target: { id: "a\ufffdb" }, status: 400, code: "validation_failed" },
      { operation: "submitJob", status: 401, code: "unauthorized", caller: undefined },
    ]);
    const text = JSON.stringify([lines, audit]);
    expect(text).not.toContain("secret");
    for (const key of Object.values(KEYS)) expect(text).not.toContain(key);
  });

  test("that throw change no response", async () => {
    const { call, errors } = rig({
      log: () => {
        throw new Error("disk full");
      },
    });
    expect((await call("GET", "/live")).status).toBe(200);
    expect(errors).toEqual(["logging a request: disk full"]);
  });
});
