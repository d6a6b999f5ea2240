import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createService, type JobService } from "@jobq/service";
import { migrate, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type PostgresServer, startPostgres } from "../../../adapters/sql-kysely/test/postgres-server.ts";
import { folder, generatePrisma, isMissing } from "./installed.ts";

beforeAll(() => {
  if (isMissing) console.log("ORMs and frameworks are not installed: npm ci --prefix examples/ecosystem");
  else generatePrisma();
}, 60_000);

// The check of the whole repository leaves them out, since their libraries may not be installed.
it.skipIf(isMissing)("the examples pass the type check", { timeout: 120_000 }, () => {
  const tsc = fileURLToPath(new URL("../../../node_modules/typescript/bin/tsc", import.meta.url));
  const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

describe.skipIf(isMissing)("within a transaction of", () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let svc: JobService;

  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on("error", () => {});
    const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await migrate(kysely);
    await pool.query("create table orders (id text primary key)");
    svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
  }, 60_000);
  afterAll(async () => {
    await svc?.close({ deadline: 0 });
    await pool?.end();
    await server?.stop();
  });

  async function counts(id: string): Promise<readonly [orders: number, jobs: number]> {
    const { rowCount } = await pool.query("select 1 from orders where id = $1", [id]);
    return [rowCount ?? 0, (await svc.find({ tags: { order: id } })).length];
  }

  /** Two that commit at the same time, one that is rolled back after both writes. */
  async function expectBothOrNone(place: (id: string, check?: () => void) => Promise<void>): Promise<void> {
    const [first, second, lost] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const no = (): never => {
      throw new Error("no");
    };
    const [, , failed] = await Promise.allSettled([place(first), place(second), place(lost, no)]);
    expect(failed).toEqual({ status: "rejected", reason: new Error("no") });
    expect([await counts(first), await counts(second), await counts(lost)]).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  }

  it("Prisma, the job is there exactly if the data is", async () => {
    const { openPrisma, placeOrder } = await import("../src/prisma.ts");
    const open = openPrisma(server.url);
    onTestFinished(async () => {
      await open.prisma.$disconnect();
      await open.pool.end();
    });
    await expectBothOrNone((id, check) => placeOrder(open, svc, id, check));
  });

  it("TypeORM, the job is there exactly if the data is", async () => {
    const { openTypeOrm, placeOrder } = await import("../src/typeorm.ts");
    const dataSource = await openTypeOrm(server.url);
    onTestFinished(() => dataSource.destroy());
    await expectBothOrNone((id, check) => placeOrder(dataSource, svc, id, check));
  });

  it("MikroORM 7, the job is there exactly if the data is", async () => {
    const { openMikroOrm, placeOrder } = await import("../mikro-orm-7/place-order.ts");
    const orm = openMikroOrm(server.url);
    onTestFinished(() => orm.close());
    await expectBothOrNone((id, check) => placeOrder(orm, svc, id, check));
  });

  it("MikroORM 6, the job is there exactly if the data is", async () => {
    const { openMikroOrm, placeOrder } = await import("../src/mikro-orm.ts");
    const orm = await openMikroOrm(server.url);
    onTestFinished(() => orm.close());
    await expectBothOrNone((id, check) => placeOrder(orm, svc, id, check));
  });
});
