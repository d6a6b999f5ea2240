import type { InstantWrites, QueueStore } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { describe, it } from "vitest";
import { jobRepositorySuite, pairSuite, topicRepositorySuite } from "../src/index.ts";
import { memoryTopicsApart } from "./simulator/sites.ts";

const runner = { describe, it };

/** The store, writing by what it offers at once; a suite keeps and spoils what it is given, so it gets copies. */
function atOnce(store: QueueStore): QueueStore {
  const instant = store.instant as InstantWrites;
  return Object.assign(Object.create(store) as QueueStore, {
    jobs: store.jobs,
    topics: store.topics,
    commit: async (units: Parameters<QueueStore["commit"]>[0]) =>
      units.map((unit) => structuredClone(instant.commit(structuredClone(unit)))),
    reserve: async (...asked: Parameters<QueueStore["reserve"]>) => structuredClone(instant.reserve(...asked)),
    promote: store.promote.bind(store),
    expire: store.expire.bind(store),
    recover: store.recover.bind(store),
  });
}

jobRepositorySuite(runner, { name: "memory", open: async () => ({ store: memoryJobs() }) });
topicRepositorySuite(runner, { name: "memory", open: async () => ({ store: memoryTopics() }) });
pairSuite(runner, { name: "memory, fused", open: async () => ({ store: compose(memoryJobs(), memoryTopics()) }) });
pairSuite(runner, {
  name: "memory, fused, at once",
  open: async () => ({ store: atOnce(compose(memoryJobs(), memoryTopics())) }),
});
pairSuite(runner, {
  name: "memory, apart",
  open: async () => ({ store: compose(memoryJobs(), memoryTopicsApart()) }),
});
