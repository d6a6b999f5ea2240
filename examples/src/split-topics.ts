/**
 * Topics split over several databases, when one is not enough: each database has a service of its own, and a topic's name
 * says in which it is. Nothing is shared, so each database adds what it can carry. See docs/scaling.md.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createService, type JobService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { dropDatabase, openDatabase } from "./open-database.ts";

const folder = await mkdtemp(join(tmpdir(), "jobq-split-"));
const shards = await Promise.all(
  ["one", "two"].map(async (name) => {
    const kysely = await openDatabase(join(folder, `${name}.db`)); // in production a PostgreSQL each
    return { name, kysely, svc: createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) }) };
  }),
);

/** The shard of a topic: the same in every process. To add a database, move topics while they are empty. */
function shardOf(topic: string) {
  const number = createHash("sha256").update(topic).digest().readUInt32BE(0);
  return shards[number % shards.length] as (typeof shards)[number];
}

const mail = defineJob("mail", { topic: "mails", run: async ({ to }: { to: string }) => `sent to ${to}` });
const thumbnail = defineJob("thumbnail", {
  topic: "thumbnails",
  run: async ({ of }: { of: string }) => `made of ${of}`,
});

const workers = [mail, thumbnail].map((job) =>
  createWorker(shardOf(job.topic).svc, { jobs: [job], topics: { [job.topic]: { concurrency: 5 } } }),
);
for (const worker of workers) await worker.start();

const asked = [
  { svc: shardOf("mails").svc, id: await shardOf("mails").svc.enqueue(mail, { to: "ada@example.com" }) },
  { svc: shardOf("thumbnails").svc, id: await shardOf("thumbnails").svc.enqueue(thumbnail, { of: "a.jpg" }) },
] satisfies { svc: JobService; id: string }[];
for (const { svc, id } of asked) {
  const ending = await svc.result(id);
  console.log(ending.state === "done" ? ending.result : ending.state);
}
for (const { name, svc } of shards) {
  const tallies = await svc.tally();
  console.log(`database ${name}: ${tallies.map(({ topic, count }) => `${count} of ${topic}`).join(", ")}`);
}

for (const worker of workers) await worker.stop();
for (const { svc, kysely } of shards) {
  await svc.close();
  await dropDatabase(kysely);
}
await rm(folder, { recursive: true });
