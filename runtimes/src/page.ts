import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createService, JobqError } from "@jobq/service";
import { BrowserLevel } from "browser-level";
import { keepPromises } from "./promises.ts";

/** Jobs and topics in one IndexedDB. */
const inIndexedDb = (name: string) => {
  const database = new BrowserLevel<string, string>(name);
  return { jobs: levelJobs(database), topics: levelTopics(database) };
};

/** A service on one database that tabs share. */
const open = (name: string) => createService<Record<string, number>>(inIndexedDb(name));

/** What several tabs do on one database, which one of them has at a time. */
const tabs = {
  /** Takes the database for as long as the tab is there, enqueues jobs and holds the first of them. */
  produce: (name: string, numbers: readonly number[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const hold = async (): Promise<void> => {
        const svc = open(name);
        for (const number of numbers) await svc.enqueue("topic", number);
        await svc.reserve("topic", 1, { lease: "1s" });
        resolve();
        await new Promise(() => {});
      };
      navigator.locks.request(`work on ${name}`, hold).catch(reject);
    }),

  /** Works without waiting for its turn: the code of the error. */
  async intrude(name: string): Promise<unknown> {
    const svc = open(name);
    const code = await svc
      .reserve("topic")
      .catch((error: unknown) => (error instanceof JobqError ? error.code : error));
    await svc.close();
    return code;
  },

  /** Waits for its turn, then does so many jobs: what they carry. */
  work: (name: string, count: number): Promise<unknown> =>
    navigator.locks.request(`work on ${name}`, async () => {
      const svc = open(name);
      const seen: number[] = [];
      while (seen.length < count)
        for (const job of await svc.reserve("topic", 1, { wait: "20s" })) {
          await job.done();
          seen.push(job.payload);
        }
      await svc.close();
      return seen;
    }),
};

// The same in a page, a Web Worker and a Service Worker: in memory, and each promise in an IndexedDB of its own.
async function facts(): Promise<unknown> {
  return { memory: await keepPromises(), store: await keepPromises(() => inIndexedDb(crypto.randomUUID())) };
}

const scope = globalThis as unknown as {
  document?: object;
  facts?: typeof facts;
  tabs?: typeof tabs;
  onmessage: (event: { source?: { postMessage(message: unknown): void } }) => void;
  postMessage(message: unknown): void;
};
if (scope.document) {
  scope.facts = facts;
  scope.tabs = tabs;
} else
  scope.onmessage = async ({ source }) => {
    const post = (message: unknown): void => (source ?? scope).postMessage(message);
    post(await facts());
  };
