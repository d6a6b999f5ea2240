import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import { describe, it } from "vitest";
import { jobRepositorySuite, pairSuite, topicRepositorySuite } from "../src/index.ts";
import { atOnce } from "../src/pair/direct-cases.ts";
import { memoryTopicsApart } from "./simulator/sites.ts";

const runner = { describe, it };

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
