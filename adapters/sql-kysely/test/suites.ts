import { type Harness, type Runner, WriteFaults } from "@jobq/conformance";
import type { Kysely } from "kysely";
import { afterAll, describe, it } from "vitest";
import { type DatabaseKind, spoil, type TestDatabase } from "./databases.ts";
import { faultyDialect } from "./faulty-dialect.ts";

/**
 * Starts a database and runs tests against it. When it cannot be had here they are skipped, and a line says why; under
 * JOBQ_TEST_REQUIRE_ALL=1 that is a failure.
 */
export async function describeOn(kind: DatabaseKind, body: (database: TestDatabase) => void): Promise<void> {
  const database = await kind.start().catch((error: unknown) => {
    if (process.env.JOBQ_TEST_REQUIRE_ALL === "1") throw error;
    console.log(`skipped: no ${kind.name} here (${error instanceof Error ? error.message : error})`);
    return undefined;
  });
  describe.skipIf(!database)(kind.name, () => {
    if (!database) return it("is not here", () => {});
    afterAll(() => database.stop(), 60_000);
    body(database);
  });
}

/** What registers the cases of the conformance kit. */
export const runner: Runner = { describe, it };

/** Opens stores of one database for the conformance kit: an empty one for each case, and more handles on it. */
export function harnessOf<S>(name: string, database: TestDatabase, make: (kysely: Kysely<unknown>) => S): Harness<S> {
  const instances: Kysely<unknown>[] = [];
  const faults = new WriteFaults();
  return {
    name,
    inProcessClock: database.inProcessClock,
    oneConnection: database.oneConnection,
    async open() {
      await database.clear();
      let used = 0;
      const next = (): S => {
        instances[used] ??= database.connect((dialect) => faultyDialect(dialect, faults));
        return make(instances[used++] as Kysely<unknown>);
      };
      return {
        store: next(),
        reopen: async () => next(),
        second: async () => next(),
        ...(!database.sameStatements && { failAt: faults.failAt }),
        damage: (id) => spoil(database, id, ["jobs", "tags"], "no JSON"),
        async begin() {
          const trx = await database.connect().startTransaction().execute();
          const end = (how: "commit" | "rollback") => () => trx[how]().execute();
          return { transaction: trx, commit: end("commit"), rollback: end("rollback") };
        },
      };
    },
  };
}
