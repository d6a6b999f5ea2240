import { createService } from "@jobq/service";
import { createWorker } from "@jobq/service/worker";
import { createWorkflows, defineWorkflow } from "@jobq/service/workflow";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { sql, type Transaction } from "kysely";
import { expect, test } from "vitest";
import { mysql, postgres, sqlite } from "../../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../../adapters/sql-kysely/test/suites.ts";
import { rig } from "../harness.ts";
import { ended, working } from "./playing.ts";

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const { options } = database;
    const ledger = sql.table(options.schema ? `${options.schema}.ledger` : "ledger");

    test("a transaction has its effect and its record commit together, whatever fails in between", async () => {
      const kysely = database.connect();
      await sql`create table ${ledger} (entry varchar(9) not null)`.execute(kysely);
      const svc = createService({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) });
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
          async (trx: Transaction<unknown>) => {
            await sql`insert into ${ledger} (entry) values ('10')`.execute(trx);
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
      expect((await sql`select entry from ${ledger}`.execute(kysely)).rows).toEqual([{ entry: "10" }]);
      const history = await createWorkflows(svc).history(id);
      expect(history?.steps[0]).toMatchObject({ kind: "transaction", name: "book", state: "done" });
      await svc.close();
    });
  });
}

test("a transaction says what is missing where none can begin", async () => {
  const one = await rig();
  const flow = defineWorkflow("flow", (ctx) => ctx.transaction("book", () => {}), { maxRetries: 0 });
  await working(one, flow);
  const ending = await ended(one, await one.svc.enqueue(flow, undefined));
  expect(ending).toMatchObject({ state: "canceled", error: expect.stringContaining("createWorkflows") });
});
