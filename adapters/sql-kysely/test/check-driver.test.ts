import type { Kysely } from "kysely";
import { expect, it } from "vitest";
import {
  guardedPool,
  migrate,
  migrationSql,
  preparedDatabase,
  preparedPool,
  primaryPool,
  sqlJobs,
  sqlTopics,
} from "../src/index.ts";

const address = "queue.db" as never;

it.each<[string, () => unknown, string]>([
  ["preparedDatabase", () => preparedDatabase(address), 'database must be .*, got "queue.db"'],
  ["preparedPool", () => preparedPool(address), 'pool must be a pool of pg, got "queue.db"'],
  ["guardedPool", () => guardedPool(address), 'pool must be a pool of pg, got "queue.db"'],
  ["primaryPool", () => primaryPool(address), 'pools must be an array .*, got "queue.db"'],
  ["primaryPool without one", () => primaryPool([]), "pools must be an array of at least one pool"],
  ["primaryPool of no pools", () => primaryPool([address]), 'a pool must be one of pg, got "queue.db"'],
  ["sqlJobs", () => sqlJobs(address), 'kysely must be an instance of Kysely, got "queue.db"'],
  ["sqlJobs of nothing", () => sqlJobs(undefined as never), "kysely must be .*, got undefined"],
  ["sqlTopics", () => sqlTopics({} as Kysely<unknown>, { dialect: "sqlite" }), "kysely must be .*, got an object"],
  ["migrationSql", () => migrationSql("pg" as never), 'dialect must be .*, got "pg"'],
])("%s refuses what it cannot use, and says what it got", (_, call, message) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(new RegExp(message));
});

it("migrate refuses what is no instance of Kysely", async () => {
  await expect(migrate(address)).rejects.toThrow('kysely must be an instance of Kysely, got "queue.db"');
});
