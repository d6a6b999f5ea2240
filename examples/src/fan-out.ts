/** A run that has a thousand things done by whichever workers there are, and adds up what they came to. */
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
import { defineWorkflow, type WorkflowContext } from "@jobq/service/workflow";

const countWords = defineJob("count-words", {
  run(page: number) {
    if (page % 400 === 399) throw new Error(`page ${page} can't be read`);
    return 100 + (page % 7);
  },
});

const indexBook = defineWorkflow("index-book", async (ctx: WorkflowContext, pages: number) => {
  const all = Array.from({ length: pages }, (_, page) => page);
  const outcomes = await ctx.fanOut(countWords, all, { strategy: { threshold: 0.99 }, concurrency: 50, retries: 0 });
  const words = outcomes.reduce((sum, one) => sum + (one.ok ? one.result : 0), 0);
  const unread = outcomes.flatMap((one, page) => (one.ok ? [] : [page]));
  return { words, unread };
});

const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
const worker = createWorker(svc, {
  jobs: [indexBook, countWords],
  topics: { "index-book": {}, "count-words": { concurrency: 20 } },
});
await worker.start();
const ending = await svc.result(await svc.enqueue(indexBook, 1000));
console.log(ending.state === "done" ? ending.result : ending);
await worker.stop();
await svc.close();
