import { symlinkSync } from "node:fs";
import { relative } from "node:path";
import { TEST_NOW as NOW, testJobs } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import { type Kysely, sql } from "kysely";
import { afterAll, expect, it } from "vitest";
import { migrate, type SqlLayoutOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { SCHEMA_VERSION } from "../src/schema/migrations.ts";
import { connectTo } from "./connect.ts";
import { mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { describeOn } from "./suites.ts";

/** A way to speak of a place. */
interface Name {
  connect(): Kysely<unknown>;
  readonly options: SqlLayoutOptions;
}

/** The same place by two names. */
function namesOf({ dialect, url = "", options, connect }: TestDatabase): readonly [Name, Name] {
  const own = { connect, options };
  if (dialect === "mysql") return [own, { connect, options: { schema: new URL(url).pathname.slice(1) } }];
  if (dialect === "sqlite") {
    symlinkSync(url, `${url}-link`);
    return [own, { connect: () => connectTo(dialect, relative(process.cwd(), `${url}-link`)), options }];
  }
  const there = new URL(url);
  there.searchParams.set("options", `-c search_path=${options.schema}`);
  return [own, { connect: () => connectTo(dialect, there.href), options: {} }];
}

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const names = namesOf(database);
    const opened: Kysely<unknown>[] = [];
    const open = ({ connect }: Name): Kysely<unknown> => {
      const kysely = connect();
      opened.push(kysely);
      return kysely;
    };

    it("processes that speak of one place by different names migrate it at once", async () => {
      for (let round = 0; round < 5; round += 1) {
        const migrations = [...names, ...names, ...names].map((name) =>
          migrate(open(name), { ...name.options, prefix: `r${round}_` }),
        );
        const results = await Promise.all(migrations);
        expect(results.map(({ from }) => from).sort()).toEqual([0, ...Array(5).fill(SCHEMA_VERSION)]);
      }
    });

    it("two that share jobs by different names lose none and get none twice", async () => {
      await database.clear();
      const stores = names.map((name): QueueStore => {
        const kysely = open(name);
        return sqlTopics(kysely, name.options).fuse?.(sqlJobs(kysely, name.options)) as QueueStore;
      });
      const all = testJobs(200);
      const share = (index: number) => all.filter((_, position) => position % 2 === index);
      const commits = stores.flatMap((store, index) =>
        share(index).map((job) => store.commit([{ now: NOW, insert: [job] }])),
      );
      await Promise.all(commits);
      const drain = async (store: QueueStore): Promise<string[]> => {
        const [jobs = []] = await store.reserve([{ topic: "topic", limit: 7, by: "me" }], NOW);
        const done = jobs.map(({ id, token }) => ({ now: NOW, apply: [{ type: "done", id, token } as const] }));
        const outcomes = await store.commit(done);
        expect(outcomes.every(({ ok }) => ok)).toBe(true);
        return jobs.length === 0 ? [] : [...jobs.map(({ id }) => id), ...(await drain(store))];
      };
      const ids = (await Promise.all(stores.map(drain))).flat();
      expect(ids.sort()).toEqual(all.map(({ id }) => id));
      for (const { jobs } of stores)
        expect(await jobs.tally()).toEqual([{ topic: "topic", state: "done", count: 200 }]);
    });

    if (database.dialect === "postgres") {
      it("processes hear each other that speak of one place by different names", async () => {
        const [here, there] = names.map((name): QueueStore => {
          const options = { ...name.options, listen: { connectionString: database.url ?? "" } };
          const kysely = open(name);
          return sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, name.options)) as QueueStore;
        }) as [QueueStore, QueueStore];
        const heard = new Promise((resolve) => there.topics.onPush?.(resolve));
        for (let number = 1; ; number += 1) {
          await here.commit([{ now: NOW, insert: testJobs(1, 500 + number) }]);
          const pause = new Promise((resolve) => setTimeout(resolve, 100));
          if ((await Promise.race([heard, pause])) === "topic") break;
          expect(number).toBeLessThan(50);
        }
        await there.topics.close();
      });
    }

    const own = database.options.schema ?? names[1].options.schema;
    if (own !== undefined) {
      it.each(["\\b", "\\", "  b", "'b"])("a schema may have any name that the database takes: %s", async (end) => {
        const kysely = open(names[0]);
        const schema = `${own}${end}`;
        await sql`create schema ${sql.id(schema)}`.execute(kysely);
        try {
          await migrate(kysely, { schema });
          await sqlJobs(kysely, { schema }).commit([{ now: NOW, insert: testJobs(1) }]);
          expect(await sqlJobs(kysely, { schema }).find({ limit: 9 })).toHaveLength(1);
          expect(await migrate(kysely, { schema })).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
        } finally {
          const cascade = sql.raw(database.dialect === "postgres" ? "cascade" : "");
          await sql`drop schema ${sql.id(schema)} ${cascade}`.execute(kysely);
        }
      });
    }

    if (database.dialect === "mysql") {
      it("a prefix in another case is the same where the server takes it for the same, and apart where not", async () => {
        const kysely = open(names[0]);
        const { rows } = await sql<{ folds: number }>`select @@lower_case_table_names as folds`.execute(kysely);
        const prefixes = ["Case_", "case_"];
        await Promise.all(prefixes.map((prefix) => migrate(open(names[0]), { prefix })));
        const [upper, lower] = prefixes.map((prefix) => sqlJobs(kysely, { prefix }));
        await upper?.commit([{ now: NOW, insert: testJobs(1) }]);
        expect(await lower?.find({ limit: 9 })).toHaveLength(Number(rows[0]?.folds) === 0 ? 0 : 1);
      });
    }

    afterAll(() => Promise.all(opened.map((kysely) => kysely.destroy())));
  });
}
