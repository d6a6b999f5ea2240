import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer } from "@jobq/server";
import { createService, type JobService } from "@jobq/service";
import { migrate, overPgClient, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import knexOf, { type Knex } from "knex";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../adapters/sql-kysely/test/postgres-server.ts";

describe("within a transaction of", () => {
  const orders = pgTable("orders", { id: text("id") });
  let server: PostgresServer;
  let pool: pg.Pool;
  let knex: Knex;
  let svc: JobService;

  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on("error", () => {});
    knex = knexOf({ client: "pg", connection: server.url });
    const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await migrate(kysely);
    await pool.query("create table orders (id text)");
    svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
  }, 60_000);
  afterAll(async () => {
    await svc?.close({ deadline: 0 });
    await knex?.destroy();
    await pool?.end();
    await server?.stop();
  });

  async function counts(id: string): Promise<readonly [orders: number, jobs: number]> {
    const { rowCount } = await pool.query("select 1 from orders where id = $1", [id]);
    return [rowCount ?? 0, (await svc.find({ tags: { order: id } })).length];
  }

  async function withDrizzle(id: string, fails: boolean): Promise<void> {
    const client = await pool.connect();
    try {
      await drizzle(client).transaction(async (tx) => {
        await tx.insert(orders).values({ id });
        await svc.enqueue("bill", { order: id }, { tags: { order: id }, within: overPgClient(client) });
        if (fails) throw new Error("no");
      });
    } finally {
      client.release();
    }
  }

  async function withKnex(id: string, fails: boolean): Promise<void> {
    await knex.transaction(async (trx) => {
      await trx("orders").insert({ id });
      const connection = await trx.client.acquireConnection();
      await svc.enqueue("bill", { order: id }, { tags: { order: id }, within: overPgClient(connection) });
      if (fails) throw new Error("no");
    });
  }

  it.each([
    ["Drizzle", withDrizzle],
    ["Knex", withKnex],
  ])("%s, the job is there exactly if the data is", async (name, place) => {
    await place(`${name}-kept`, false);
    await expect(place(`${name}-lost`, true)).rejects.toThrow("no");
    expect(await counts(`${name}-kept`)).toEqual([1, 1]);
    expect(await counts(`${name}-lost`)).toEqual([0, 0]);
  });
});

describe("the server is mounted, and a request enqueues, in", () => {
  let svc: JobService;
  let stop: () => unknown;
  beforeEach(() => {
    svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
    return async () => {
      await stop();
      await svc.close({ deadline: 0 });
    };
  });

  /** Signs somebody up by the program's own route, and finds the job by that of the queue. */
  async function expectJob(send: (path: string, init?: RequestInit) => Response | Promise<Response>): Promise<void> {
    const body = JSON.stringify({ email: "ada@example.com" });
    const made = await send("/sign-up", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { id } = (await made.json()) as { id: string };
    const seen = await send(`/queue/api/v1/jobs/${id}`);
    expect([seen.status, ((await seen.json()) as { id: string }).id]).toEqual([200, id]);
  }

  it("Hono", async () => {
    const app = new Hono();
    const queue = createServer(svc);
    app.post("/sign-up", async (c) => c.json({ id: await svc.enqueue("welcome", await c.req.json()) }));
    app.mount("/queue", queue.fetch);
    stop = () => {};
    await expectJob((path, init) => app.request(`http://localhost${path}`, init));
  });

  it("Express", async () => {
    const { getRequestListener } = await import("@hono/node-server");
    const queue = createServer(svc, { basePath: "/queue" });
    const listener = getRequestListener((request) => queue.fetch(request));
    const app = express();
    // In front of body parsers, and not by app.use(path), which takes the path off the address.
    app.use((request, response, next) => (request.path.startsWith("/queue/") ? listener(request, response) : next()));
    app.post("/sign-up", express.json(), async (request, response) => {
      response.json({ id: await svc.enqueue("welcome", request.body) });
    });
    const http = await new Promise<ReturnType<typeof app.listen>>((resolve) => {
      const listening = app.listen(0, "127.0.0.1", () => resolve(listening));
    });
    stop = () => http.close();
    const address = http.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await expectJob((path, init) => fetch(`http://127.0.0.1:${port}${path}`, init));
  });

  it("Fastify", async () => {
    const { getRequestListener } = await import("@hono/node-server");
    const queue = createServer(svc, { basePath: "/queue" });
    const listener = getRequestListener((request) => queue.fetch(request));
    const app = fastify();
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null)); // the queue reads its bodies itself
      scope.all("/queue/*", (request, reply) => {
        reply.hijack();
        return listener(request.raw, reply.raw);
      });
    });
    app.post("/sign-up", async ({ body }) => ({ id: await svc.enqueue("welcome", body) }));
    stop = () => app.close();
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    await expectJob((path, init) => fetch(url + path, init));
  });
});
