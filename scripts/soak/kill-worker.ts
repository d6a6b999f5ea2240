// A process that works everything in a store until it is killed; says how far it is, and when nothing is left.
import { openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { isFinal } from "@jobq/core";
import { createWorker } from "@jobq/service/worker";
import { END_TOPIC, TOPIC } from "./linked-jobs.ts";
import { openStore, type StoreName } from "./stores.ts";

const [store, folder = ""] = process.argv.slice(2);
/** What is written here outlives the process, however it ends. */
const starts = openSync(join(folder, `starts-${process.pid}.log`), "a");
const REPORT_EVERY = 20;

await openStore(store as StoreName, folder, false, async (svc) => {
  let ended = 0;
  const worker = createWorker(svc, {
    topics: { [TOPIC]: { concurrency: 50 }, [END_TOPIC]: { concurrency: 5 } },
    prefetch: 20,
    lease: "1s",
    fallback: async (_, { id }) => {
      writeSync(starts, `${id} ${Date.now()}\n`);
      await setTimeout(1);
    },
    onDone: () => {
      if (++ended % REPORT_EVERY === 0) process.send?.({ ended: REPORT_EVERY });
    },
  });
  await worker.start();
  for (let live = true; live; ) {
    await setTimeout(300);
    live = (await svc.tally()).some(({ state }) => !isFinal(state));
  }
  await worker.stop();
});
process.send?.({ over: true }, () => process.exit(0));
