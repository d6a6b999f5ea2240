/** A queue on Bun: jobs in LevelDB, a worker, and the HTTP API by `Bun.serve`. */
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";

/** What of Bun is used here; in a project of Bun's own its types are there already. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    idleTimeout: number;
    fetch(request: Request): Response | Promise<Response>;
  }): { readonly port: number; stop(): Promise<void> };
};

const greet = defineJob("greet", { run: async ({ name }: { name: string }) => `hello ${name}, from Bun` });

const [path = "jobq-data", port = "8080"] = process.argv.slice(2);
const svc = createService({ jobs: levelJobs(path), topics: levelTopics(path) });
const worker = createWorker(svc, { jobs: [greet] });
await worker.start();
const server = createServer(svc);
const http = Bun.serve({
  port: Number(port),
  hostname: "127.0.0.1",
  idleTimeout: 0, // calls that wait are cut off after ten seconds otherwise
  fetch: (request) => server.fetch(request),
});
console.log(`http://127.0.0.1:${http.port}`);

process.once("SIGTERM", async () => {
  await worker.stop({ deadline: "20s" });
  await svc.close();
  await http.stop();
  console.log("closed");
});
