import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { keepPromises } from "./promises.ts";

/** Made where the module is loaded, where no timer, random number or I/O may be had, and shared by all requests. */
const shared = createService({ jobs: memoryJobs(), topics: memoryTopics() });

/** One object that keeps a service for all requests. */
export class Queue {
  readonly #svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });

  async fetch(request: Request): Promise<Response> {
    return serve(this.#svc, request);
  }
}

async function serve(svc: typeof shared, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.endsWith("/enqueue")) return Response.json(await svc.enqueue("topic", "kept", { delay: 50 }));
  const jobs = await svc.reserve("topic", 1, { wait: "20s" });
  return Response.json(await Promise.all(jobs.map((job) => job.done().then(() => job.payload))));
}

interface Bindings {
  readonly QUEUE: { getByName(name: string): { fetch(request: Request): Promise<Response> } };
}

// biome-ignore lint/style/noDefaultExport: what a Worker is
export default {
  async fetch(request: Request, { QUEUE }: Bindings): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/promises") return Response.json({ memory: await keepPromises() });
    if (pathname.startsWith("/object/")) return QUEUE.getByName("one").fetch(request);
    return serve(shared, request);
  },
};
