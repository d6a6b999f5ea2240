import { describe, it } from "vitest";
import { jobRepositorySuite, pairSuite, topicRepositorySuite } from "../src/index.ts";
import { jobHarness, pairHarness, topicHarness } from "./reference/harness.ts";

const runner = { describe, it };

jobRepositorySuite(runner, jobHarness("reference"));
topicRepositorySuite(runner, topicHarness("reference"));
pairSuite(runner, pairHarness("reference"));
