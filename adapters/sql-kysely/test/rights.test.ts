import { createService } from "@jobq/service";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { migrate, sqlJobs, sqlTopics } from "../src/index.ts";
import { SCHEMA_VERSION } from "../src/schema/migrations.ts";
import { connectTo } from "./connect.ts";
import { postgres } from "./databases.ts";
import { describeOn } from "./suites.ts";

/** What docs/operating-sql.md says that each role needs, beyond using the schema. */
const GRANTS = {
  migrator: ["create on schema %s"],
  worker: ["select, insert, update, delete on all tables in schema %s"],
  producer: ["insert on %s.jobq_jobs, %s.jobq_tags, %s.jobq_counts", "select on %s.jobq_meta"],
  reader: ["select on all tables in schema %s"],
} as const;
type Role = keyof typeof GRANTS;

await describeOn(postgres, (database) => {
  const schema = `jobq_rights_${process.pid}`;
  const options = { schema };
  const owner = database.connect();
  const opened: Kysely<unknown>[] = [];
  const nameOf = (role: Role): string => `${schema}_${role}`;
  const roles = Object.keys(GRANTS) as Role[];

  const as = (role: Role): Kysely<unknown> => {
    const url = new URL(database.url as string);
    url.username = nameOf(role);
    const kysely = connectTo("postgres", url.href);
    opened.push(kysely);
    return kysely;
  };
  const grant = async (role: Role): Promise<void> => {
    for (const rights of GRANTS[role]) {
      await sql.raw(`grant ${rights.replaceAll("%s", schema)} to ${nameOf(role)}`).execute(owner);
    }
  };
  const serviceAs = (role: Role) => {
    const kysely = as(role);
    return createService({ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) });
  };

  beforeAll(async () => {
    await sql.raw(`create schema ${schema}`).execute(owner);
    for (const role of roles) {
      await sql.raw(`create role ${nameOf(role)} login`).execute(owner);
      await sql.raw(`grant usage on schema ${schema} to ${nameOf(role)}`).execute(owner);
    }
    await grant("migrator");
  });
  afterAll(async () => {
    await Promise.all(opened.map((kysely) => kysely.destroy()));
    await sql.raw(`drop schema ${schema} cascade`).execute(owner);
    for (const role of roles) await sql.raw(`drop role ${nameOf(role)}`).execute(owner);
  });

  it("a role that may create tables, but no schemas, migrates in a schema of the owner's", async () => {
    expect(await migrate(as("migrator"), options)).toEqual({ from: 0, to: SCHEMA_VERSION });
    for (const role of ["worker", "producer", "reader"] as const) await grant(role);
  });

  it("a role that may create nothing finds out that the tables are there", async () => {
    expect(await migrate(as("worker"), options)).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
  });

  it("a role that may create nothing is told so when the tables are not there", async () => {
    const missing = migrate(as("worker"), { schema, prefix: "other_" });
    await expect(missing).rejects.toMatchObject({ code: "STORE_FAILED", details: { code: "42501" } });
  });

  it("a role that may read and write rows does all that a service does", async () => {
    const svc = serviceAs("worker");
    const id = await svc.enqueue("mails", 1, { unique: "key", tags: { of: "today" } });
    await svc.pause("mails");
    await svc.resume("mails");
    const [job] = await svc.reserve("mails");
    await job?.log("begun");
    await job?.done();
    expect(await svc.find({ tags: { of: "today" } })).toMatchObject([{ id, state: "done" }]);
    expect(await svc.purge({ state: "done" })).toBe(1);
    await svc.close();
  });

  it("a role that may add rows enqueues", async () => {
    const svc = serviceAs("producer");
    const id = await svc.enqueue("mails", 2, { tags: { of: "today" } });
    await svc.close();
    const reader = serviceAs("reader");
    expect(await reader.find()).toMatchObject([{ id, state: "ready" }]);
    expect(await reader.tally()).toMatchObject([{ topic: "mails", state: "ready", count: 1 }]);
    await expect(reader.enqueue("mails", 3)).rejects.toMatchObject({
      code: "STORE_FAILED",
      details: { code: "42501" },
    });
    await reader.close();
  });
});
