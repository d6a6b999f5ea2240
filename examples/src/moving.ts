/**
 * From LevelDB to a SQL database, when one machine is no longer enough: every job with its id, state, result and log
 * goes through a file of JSON lines. An import that is cut off is simply run again.
 */
import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { compose, createService, type JobService } from "@jobq/service";
import { exportJobs, importJobs } from "@jobq/service/transfer";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { dropDatabase, openDatabase } from "./open-database.ts";

const folder = await mkdtemp(join(tmpdir(), "jobq-moving-"));
const path = join(folder, "level");
const file = join(folder, "jobs.jsonl");

async function show(where: string, svc: JobService): Promise<void> {
  const counts = (await svc.tally()).map(({ state, count }) => `${state} ${count}`).sort();
  console.log(`${where}: ${counts.join(", ")}`);
}

// A queue as it has grown on one machine.
const before = createService({ jobs: levelJobs(path), topics: levelTopics(path) });
const emails = Array.from({ length: 1200 }, (_, number) => ({ topic: "emails", payload: { number } }));
const [first] = await before.enqueueMany(emails);
await before.enqueue("reports", "monthly", { delay: "30d" });
for (const job of await before.reserve("emails", 100)) {
  await job.log("sent");
  await job.done();
}
for (const job of await before.reserve("emails", 3)) await job.cancel("no such address");
await show("LevelDB", before);
await before.close();

// No service runs while the jobs move.
const level = levelJobs(path);
const lines: string[] = [];
for await (const line of exportJobs(level)) lines.push(`${line}\n`);
await writeFile(file, lines);
await level.close();

const kysely = await openDatabase(join(folder, "queue.db"));
const store = compose(sqlJobs(kysely), sqlTopics(kysely));
async function* readLines(until = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
  let count = 0;
  for await (const line of createInterface(createReadStream(file))) {
    if (count++ >= until) throw new Error("the network is gone");
    yield line;
  }
}
await importJobs(store, readLines(700)).catch((error: Error) => console.log(`cut off: ${error.message}`));
const { imported, present } = await importJobs(store, readLines());
console.log(`run again: ${imported} imported, ${present} were there`);

// From now on any number of processes can share them.
const after = createService({ jobs: store.jobs, topics: store.topics });
await show("SQL", after);
console.log(
  `the first one is ${(await after.status(first?.id ?? ""))?.state}: ${(await after.logs(first?.id ?? ""))[0]?.line}`,
);
const [next] = await after.reserve("emails");
console.log("next comes", next?.payload);
await next?.done();

await after.close();
await dropDatabase(kysely);
await rm(folder, { recursive: true });
