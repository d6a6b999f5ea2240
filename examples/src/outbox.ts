/**
 * A job that is enqueued in the transaction of the data it is about, and one that is done in the transaction of its
 * effect: neither is ever there without the other, whatever fails in between.
 */
import { createService } from "@jobq/service";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { dropDatabase, openDatabase } from "./open-database.ts";

interface Tables {
  orders: { id: string; customer: string };
  invoices: { order_id: string };
}
interface Topics {
  bill: { order: string; customer: string };
}

const kysely = await openDatabase<Tables>(":memory:");
await kysely.schema.createTable("orders").addColumn("id", "text").addColumn("customer", "text").execute();
await kysely.schema.createTable("invoices").addColumn("order_id", "text").execute();
const svc = createService<Topics>({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });

/** Stores an order, and the job that bills it. */
async function place(customer: string): Promise<void> {
  await kysely.transaction().execute(async (trx) => {
    const id = crypto.randomUUID();
    await trx.insertInto("orders").values({ id, customer }).execute();
    await svc.enqueue("bill", { order: id, customer }, { within: trx });
    if (customer === "") throw new Error("an order needs a customer");
  });
}

for (const customer of ["Ada", "", "Grace"]) {
  await place(customer).catch((error: Error) => console.log(`not placed: ${error.message}`));
}
const orders = await kysely.selectFrom("orders").selectAll().execute();
console.log(`${orders.length} orders, ${(await svc.find({ topic: "bill" })).length} jobs`);

let failures = 1;
for (;;) {
  const [job] = await svc.reserve("bill", 1, { wait: "100ms" });
  if (!job) break;
  try {
    await kysely.transaction().execute(async (trx) => {
      await trx.insertInto("invoices").values({ order_id: job.payload.order }).execute();
      await job.done({ within: trx });
      if (failures-- > 0) throw new Error("the machine stumbled"); // after all was written
    });
    console.log(`billed ${job.payload.customer}`);
  } catch (error) {
    console.log(`rolled back: ${(error as Error).message}`);
    await job.retry({ error, delay: 0 });
  }
}
console.log(`${(await kysely.selectFrom("invoices").selectAll().execute()).length} invoices`);

await svc.close();
await dropDatabase(kysely);
