import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { BrowserLevel } from "browser-level";
import { keepPromises } from "./promises.ts";

// The same in a page, a Web Worker and a Service Worker: in memory, and each promise in an IndexedDB of its own.
const inIndexedDb = () => {
  const database = new BrowserLevel<string, string>(crypto.randomUUID());
  return { jobs: levelJobs(database), topics: levelTopics(database) };
};

async function facts(): Promise<unknown> {
  return { memory: await keepPromises(), store: await keepPromises(inIndexedDb) };
}

const scope = globalThis as unknown as {
  document?: object;
  facts?: typeof facts;
  onmessage: (event: { source?: { postMessage(message: unknown): void } }) => void;
  postMessage(message: unknown): void;
};
if (scope.document) scope.facts = facts;
else
  scope.onmessage = async ({ source }) => {
    const post = (message: unknown): void => (source ?? scope).postMessage(message);
    post(await facts());
  };
