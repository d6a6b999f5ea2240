import { TEST_NOW as NOW, testJobs } from "@jobq/conformance";
import type { QueueStore } from "@jobq/core";
import type { Kysely } from "kysely";
import { describe, expect, it } from "vitest";
import { postgres } from "../src/dialect/postgres.ts";
import { migrate, type PostgresFeatures, type SqlLayoutOptions, sqlJobs, sqlTopics } from "../src/index.ts";
import { layoutOf } from "../src/schema/layout.ts";
import { lockedOnPostgres } from "../src/schema/locked-postgres.ts";
import { SCHEMA_VERSION } from "../src/schema/migrations.ts";
import { conformsOn } from "./conformance.ts";
import { limitedPostgres } from "./limited-postgres.ts";
import { describeOn } from "./suites.ts";

await conformsOn(limitedPostgres);

await describeOn(limitedPostgres, (database) => {
  const { features, ...all } = database.options;
  const storeOf = (kysely: Kysely<unknown>, options: SqlLayoutOptions): QueueStore =>
    sqlTopics(kysely, options).fuse?.(sqlJobs(kysely, options)) as QueueStore;
  const claim = { topic: "topic", limit: 7, by: "me" };
  const other = (prefix: string) => ({ ...all, prefix });

  it.each(["skipLocked", "advisoryLocks", "ctid"] as const)("it does not know %s", async (name) => {
    const options = { ...other(`${name}_`.toLowerCase()), features: { ...features, [name]: true } };
    const attempt = async (): Promise<unknown> => {
      await migrate(database.connect(), options);
      return storeOf(database.connect(), options).reserve([claim], NOW);
    };
    await expect(attempt()).rejects.toMatchObject({ code: "STORE_FAILED", details: { code: "42601" } });
  });

  it("any number of processes migrate at once", async () => {
    const options = { ...other("at_once_"), features };
    const migrations = Array.from({ length: 6 }, () => migrate(database.connect(), options));
    const results = await Promise.all(migrations);
    expect(results.map(({ from }) => from).sort()).toEqual([0, ...Array(5).fill(SCHEMA_VERSION)]);
    expect(await migrate(database.connect(), options)).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
  });

  it("processes that claim at once get every job, once", async () => {
    await database.clear();
    const stores = Array.from({ length: 6 }, () => storeOf(database.connect(), database.options));
    await stores[0]?.commit(testJobs(500).map((job) => ({ now: NOW, insert: [job] })));
    const drained = await Promise.all(
      stores.map(async (store) => {
        const ids: string[] = [];
        for (;;) {
          const [jobs = []] = await store.reserve([claim], NOW);
          if (jobs.length === 0) return ids;
          ids.push(...jobs.map(({ id }) => id));
        }
      }),
    );
    const ids = drained.flat();
    expect([ids.length, new Set(ids).size]).toEqual([500, 500]);
  });
});

describe("features", () => {
  // A unique index of the catalogue, the schema, the table, its type: it depends on how far the other one is.
  it.each(["23505", "42P06", "42P07", "42710"])(
    "who loses the race for the schema, and that for the table of versions, by %s migrates all the same",
    async (code) => {
      const duplicate = Object.assign(new Error("there already"), { code });
      const lost = new Set<string>();
      const run = async (text: string) => {
        if (!text.startsWith("create") || lost.has(text)) return [];
        lost.add(text);
        throw duplicate;
      };
      const layout = layoutOf(postgres, { schema: "s", features: { advisoryLocks: false } });
      expect(await lockedOnPostgres(run, layout, async () => "done")).toBe("done");
      expect(lost.size).toBe(2);
    },
  );

  const kysely = { getExecutor() {}, withoutPlugins: () => ({}) } as unknown as Kysely<unknown>;
  const make = (features: unknown, dialect: "postgres" | "mysql" = "postgres") =>
    sqlJobs(kysely, { dialect, features: features as PostgresFeatures });

  it("topics that are given others than the jobs of the same instance are refused", () => {
    const jobs = sqlJobs(kysely, { dialect: "postgres", features: { ctid: false } });
    const topicsWith = (features?: PostgresFeatures) => sqlTopics(kysely, { dialect: "postgres", features });
    expect(() => topicsWith().fuse?.(jobs)).toThrow(/features of topics.*"ctid":false.*"ctid":true/);
    expect(() => topicsWith({ skipLocked: false, ctid: false }).fuse?.(jobs)).toThrow(TypeError);
    expect(topicsWith({ ctid: false, skipLocked: true }).fuse?.(jobs)).toBeDefined();
  });

  it("one that there is not, or that is no boolean, is refused", () => {
    expect(() => make({ skipLock: false })).toThrow(/"skipLock".*"skipLocked"/);
    expect(() => make({ ctid: "no" })).toThrow(/features\.ctid.*"no"/);
    expect(() => make(false)).toThrow(TypeError);
  });

  it("those of other dialects are refused", () => {
    expect(() => make({ skipLocked: false }, "mysql")).toThrow(/mysql/);
  });
});
