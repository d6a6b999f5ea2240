import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService } from "@jobq/service";
import { migrate, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";

const kysely = new Kysely({ dialect: new SqliteDialect({ database: new Database("jobs.sqlite") }) });
await migrate(kysely);
const pairs = [
  { jobs: sqlJobs(kysely), topics: sqlTopics(kysely) },
  { jobs: levelJobs("data"), topics: levelTopics("data") },
];
for (const pair of pairs) {
  const svc = createService(pair);
  const id = await svc.enqueue("emails", { to: "user@example.com" });
  for (const job of await svc.reserve("emails", 1, { wait: "1s" })) await job.done({ sent: job.id });
  const ending = await svc.result(id);
  if (ending.state !== "done") throw new Error(`the job ended as ${ending.state}`);
  await svc.close();
}
await kysely.destroy();
