// Has processes work jobs that wait for one another, kills them at random, and looks whether each job ended once, and
// nothing began before what it waits for had ended.
// npm run soak:kills -- [--store level] [--jobs 100000] [--kills 50] [--seed 1]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { commandLine, oneOf, wholeNumber } from "./arguments.mjs";
import { enqueueLinked } from "./soak/linked-jobs.ts";
import { openStore, STORES, type StoreName } from "./soak/stores.ts";
import { verdict } from "./soak/verdict.ts";
import { firstStarts, workUnderKills } from "./soak/work-under-kills.ts";

const names = Object.keys(STORES) as StoreName[];
const { stores, jobs, plan } = commandLine(() => {
  const { values } = parseArgs({
    options: {
      store: { type: "string", multiple: true, default: names },
      jobs: { type: "string", default: "100000" },
      kills: { type: "string", default: "50" },
      seed: { type: "string", default: "1" },
    },
  });
  return {
    stores: values.store.map((name) => oneOf("--store", names, name)),
    jobs: wholeNumber("--jobs", values.jobs),
    plan: { kills: wholeNumber("--kills", values.kills), seed: wholeNumber("--seed", values.seed) },
  };
});

for (const store of stores) {
  const folder = await mkdtemp(join(tmpdir(), "jobq-soak-"));
  const start = performance.now();
  try {
    const linked = await openStore(store, folder, true, (svc) => enqueueLinked(svc, jobs));
    const course = await workUnderKills(store, folder, { ...plan, total: linked.total });
    const { starts } = await firstStarts(folder);
    const faults = await openStore(store, folder, false, (svc) => verdict(svc, linked, starts));
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${store}: ${linked.total} jobs, ${course.kills} kills, ${course.runs} runs of handlers, ${seconds} s`);
    for (const fault of faults.slice(0, 20)) console.error(`${store}: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
