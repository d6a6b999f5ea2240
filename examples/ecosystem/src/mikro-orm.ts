/** A job in a transaction of MikroORM 6: the job is there exactly if the order is. */

import type { JobService } from "@jobq/service";
import { overPgClient } from "@jobq/sql-kysely";
import { EntitySchema } from "@mikro-orm/core";
import { type Knex, MikroORM } from "@mikro-orm/postgresql";

const Order = new EntitySchema<{ id: string }>({
  name: "Order",
  tableName: "orders",
  properties: { id: { type: "string", primary: true } },
});

export function openMikroOrm(clientUrl: string): Promise<MikroORM> {
  return MikroORM.init({ clientUrl, entities: [Order] });
}

export async function placeOrder(
  orm: MikroORM,
  svc: JobService,
  id: string,
  check: () => void = () => {},
): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    em.create(Order, { id });
    const trx = em.getTransactionContext<Knex.Transaction>();
    const client = await trx?.client.acquireConnection(); // the one on which the transaction is open
    await svc.enqueue("bill", { order: id }, { tags: { order: id }, within: overPgClient(client) });
    check();
  });
}
