/** A queue on Deno: jobs in LevelDB, a worker, and the HTTP API by `Deno.serve`. */
import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";

/** What of Deno is used here; in a project of Deno's own its types are there already. */
declare const Deno: {
  readonly args: readonly string[];
  serve(
    options: { port: number; hostname: string; onListen(address: { port: number }): void },
    fetch: (request: Request) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
  addSignalListener(signal: "SIGTERM", listener: () => void): void;
};

const greet = defineJob("greet", { run: async ({ name }: { name: string }) => `hello ${name}, from Deno` });

const [path = "jobq-data", port = "8080"] = Deno.args;
const svc = createService({ jobs: levelJobs(path), topics: levelTopics(path) });
const worker = createWorker(svc, { jobs: [greet] });
await worker.start();
const server = createServer(svc);
const onListen = (address: { port: number }): void => console.log(`http://127.0.0.1:${address.port}`);
const http = Deno.serve({ port: Number(port), hostname: "127.0.0.1", onListen }, (request) => server.fetch(request));

Deno.addSignalListener("SIGTERM", async () => {
  await worker.stop({ deadline: "20s" });
  await svc.close();
  await http.shutdown();
  console.log("closed");
});
