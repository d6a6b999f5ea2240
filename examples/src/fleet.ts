/**
 * Many processes on one database: a producer and three workers, which are this same program started again. One of them
 * is killed while it holds jobs; when their lease has ended, the others do them.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createService } from "@jobq/service";
import { sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { dropDatabase, openDatabase } from "./open-database.ts";

interface Topics {
  thumbnails: { picture: string };
}

const [file = "", role = "producer"] = process.argv.slice(2);
if (role === "producer") await produce();
else await work(role === "clumsy worker");

async function open(file: string) {
  const kysely = await openDatabase(file);
  const svc = createService<Topics>({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
  return { svc, kysely };
}

async function produce(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "jobq-fleet-"));
  const path = join(folder, "queue.db");
  const { svc, kysely } = await open(path);
  const pictures = Array.from({ length: 300 }, (_, number) => ({ picture: `${number}.jpg` }));
  await svc.enqueueMany(pictures.map((payload) => ({ topic: "thumbnails", payload })));
  console.log(`${pictures.length} thumbnails wait for 3 workers`);

  const start = (role: string): ChildProcess => fork(import.meta.filename, [path, role]);
  const clumsy = start("clumsy worker");
  const [held] = await once(clumsy, "message");
  clumsy.kill("SIGKILL");
  console.log(`one of them holds ${held} and is killed`);

  const workers = [start("worker"), start("worker")];
  const count = async (): Promise<number> => (await svc.tally()).find(({ state }) => state === "done")?.count ?? 0;
  while ((await count()) < pictures.length) await setTimeout(50);
  const lost = (await svc.find({ state: "done", limit: 1000 })).filter(({ leaseLosses }) => leaseLosses > 0);
  console.log(`${await count()} are done; ${lost.length} of them had lost their first holder`);

  for (const worker of workers) worker.send("stop");
  await Promise.all(workers.map((worker) => once(worker, "exit")));
  await svc.close();
  await dropDatabase(kysely);
  await rm(folder, { recursive: true });
}

async function work(isClumsy: boolean): Promise<void> {
  const { svc, kysely } = await open(file);
  const stop = new AbortController();
  process.once("message", () => {
    stop.abort();
    process.disconnect();
  });
  while (!stop.signal.aborted) {
    const options = { wait: "10s", lease: "1s", signal: stop.signal } as const;
    const jobs = await svc.reserve("thumbnails", 5, options).catch((error: unknown) => {
      if (stop.signal.aborted) return []; // the wait was ended
      throw error;
    });
    if (isClumsy) {
      process.send?.(jobs.length);
      await setTimeout(60_000); // until it is killed
    }
    for (const job of jobs) {
      await setTimeout(1); // here the picture would be made smaller
      await job.done({ by: process.pid });
    }
  }
  await svc.close();
  await kysely.destroy();
}
