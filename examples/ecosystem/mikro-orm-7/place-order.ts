/** A job in a transaction of MikroORM 7, which is one of Kysely's: the job is there exactly if the order is. */

import type { JobService } from "@jobq/service";
import { EntitySchema } from "@mikro-orm/core";
import { MikroORM } from "@mikro-orm/postgresql";

const Order = new EntitySchema<{ id: string }>({
  name: "Order",
  tableName: "orders",
  properties: { id: { type: "string", primary: true } },
});

export function openMikroOrm(clientUrl: string): MikroORM {
  return new MikroORM({ clientUrl, entities: [Order] });
}

export async function placeOrder(
  orm: MikroORM,
  svc: JobService,
  id: string,
  check: () => void = () => {},
): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    em.create(Order, { id });
    await svc.enqueue("bill", { order: id }, { tags: { order: id }, within: em.getTransactionContext() });
    check();
  });
}
