/**
 * A worker as a container runs it, many times over one database: liveness and readiness over HTTP, and a SIGTERM that
 * takes no more jobs, ends those it has, and gives back what does not end in time. See README.md.
 */
import { createServer as createHttpServer } from "node:http";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { openDatabase } from "../src/open-database.ts";

const VERSION = process.env.APP_VERSION ?? "dev";

const resize = defineJob("resize", {
  topic: "images",
  timeout: "1m",
  async run({ ms }: { ms: number }, { signal }) {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
    return VERSION;
  },
});

const kysely = await openDatabase(process.env.DATABASE_FILE ?? "jobs.sqlite"); // migrates: see README.md
const svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
svc.on("error", ({ doing, error }) => console.error(doing, error));
const worker = createWorker(svc, { jobs: [resize], topics: { images: { concurrency: 4 } }, lease: "15s" });

let isStopping = false;
const http = createHttpServer(async ({ url }, response) => {
  const isFine = url === "/live" || (url === "/ready" && !isStopping && (await canAnswer()));
  response.writeHead(isFine ? 200 : 503).end();
});

/** Whether the database does, within two seconds. */
function canAnswer(): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, 2000, false).unref());
  return Promise.race([
    svc.topics().then(
      () => true,
      () => false,
    ),
    late,
  ]);
}

async function stop(): Promise<void> {
  isStopping = true; // not ready from now on, but alive
  await worker.stop({ deadline: Number(process.env.STOP_SECONDS ?? 20) * 1000 }); // less than what the orchestrator grants
  await svc.close();
  await kysely.destroy();
  http.close();
  console.log(`${VERSION} stopped`);
}
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, stop);

await worker.start();
http.listen(Number(process.env.PORT ?? 8080), () => {
  const address = http.address();
  console.log(`${VERSION} on ${typeof address === "object" ? address?.port : address}`);
});
