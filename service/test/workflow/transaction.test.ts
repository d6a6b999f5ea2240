import { createService } from "@jobq/service";
import { createWorker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { migrate, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, SqliteDialect, type Transaction } from "kysely";
import Database from "libsql";
import { expect, test } from "vitest";
import { rig } from "../harness.ts";
import { ended, working } from "./playing.ts";

interface Tables {
  ledger: { entry: string };
}

test("a transaction has its effect and its record commit together, whatever fails in between", async () => {
  const kysely = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new Database(":memory:") }) });
  await migrate(kysely);
  await kysely.schema.createTable("ledger").addColumn("entry", "text").execute();
  const svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
  let breaks = 2;
  createWorkflows(svc, {
    transaction: (work) =>
      kysely.transaction().execute(async (trx) => {
        await work(trx);
        if (breaks-- > 0) throw new Error("the connection broke");
      }),
  });
  const flow = defineWorkflow("flow", async (ctx) => {
    const booked = await ctx.transaction(
      "book",
      async (trx: Transaction<Tables>) => {
        await trx.insertInto("ledger").values({ entry: "10" }).execute();
        return "booked";
      },
      { retries: 2, backoff: { type: "constant", min: 1, max: 2, factor: 1, jitter: 0 } },
    );
    await ctx.sleep(1);
    return booked;
  });
  const worker = createWorker(svc, { jobs: [flow] });
  await worker.start();
  const id = await svc.enqueue(flow, undefined);
  expect(await svc.result(id, { timeout: "20s" })).toEqual({ state: "done", result: "booked" });
  expect(await kysely.selectFrom("ledger").selectAll().execute()).toEqual([{ entry: "10" }]);
  const history = await createWorkflows(svc).history(id);
  expect(history?.steps[0]).toMatchObject({ kind: "transaction", name: "book", state: "done" });
  await svc.close();
  await kysely.destroy();
});

test("a transaction says what is missing where none can begin", async () => {
  const one = await rig();
  const flow = defineWorkflow("flow", (ctx) => ctx.transaction("book", () => {}), { maxRetries: 0 });
  await working(one, flow);
  const ending = await ended(one, await one.svc.enqueue(flow, undefined));
  expect(ending).toMatchObject({ state: "canceled", error: expect.stringContaining("createWorkflows") });
});
