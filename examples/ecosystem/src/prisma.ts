/**
 * A job in a transaction of Prisma 7, whose driver adapter runs over `pg`: the job is there exactly if the order is.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { JobService } from "@jobq/service";
import { overPgClient } from "@jobq/sql-kysely";
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type Prisma, PrismaClient } from "../tmp/prisma/client.ts";

type Connected = Parameters<pg.Pool["connect"]>[0];

/** Prisma does not say on which connection a transaction is. The pool that it takes it from does. */
export class PoolOfPrisma extends pg.Pool {
  readonly #transactions = new AsyncLocalStorage<{ client?: pg.PoolClient }>();

  /** Runs `work` in a transaction of `prisma`, which is over this pool, with what `within` takes for it. */
  transaction<T>(prisma: PrismaClient, work: (tx: Prisma.TransactionClient, within: object) => Promise<T>): Promise<T> {
    const own: { client?: pg.PoolClient } = {};
    return this.#transactions.run(own, () =>
      prisma.$transaction((tx) => {
        if (!own.client) throw new Error("the transaction took no connection of the pool");
        return work(tx, overPgClient(own.client));
      }),
    );
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (callback) {
      super.connect(callback);
      return undefined;
    }
    const own = this.#transactions.getStore();
    return super.connect().then((client) => {
      if (own) own.client ??= client;
      return client;
    });
  }
}

export function openPrisma(connectionString: string): { prisma: PrismaClient; pool: PoolOfPrisma } {
  const pool = new PoolOfPrisma({ connectionString });
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) };
}

export function placeOrder(
  { prisma, pool }: ReturnType<typeof openPrisma>,
  svc: JobService,
  id: string,
  check: () => void = () => {},
): Promise<void> {
  return pool.transaction(prisma, async (tx, within) => {
    await tx.order.create({ data: { id } });
    await svc.enqueue("bill", { order: id }, { tags: { order: id }, within });
    check();
  });
}
