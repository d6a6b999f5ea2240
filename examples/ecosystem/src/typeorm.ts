/** A job in a transaction of TypeORM: the job is there exactly if the order is. */

import type { JobService } from "@jobq/service";
import { overPgClient } from "@jobq/sql-kysely";
import { DataSource, EntitySchema } from "typeorm";

const Order = new EntitySchema<{ id: string }>({
  name: "order",
  tableName: "orders",
  columns: { id: { type: "text", primary: true } },
});

export function openTypeOrm(url: string): Promise<DataSource> {
  return new DataSource({ type: "postgres", url, entities: [Order] }).initialize();
}

export async function placeOrder(
  dataSource: DataSource,
  svc: JobService,
  id: string,
  check: () => void = () => {},
): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.insert(Order, { id });
    const client = await manager.queryRunner?.connect(); // the connection on which the transaction is open
    await svc.enqueue("bill", { order: id }, { tags: { order: id }, within: overPgClient(client) });
    check();
  });
}
