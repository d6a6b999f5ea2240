import type { QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { expectedTrace } from "./expected-trace.ts";
import { tracePair } from "./script.ts";

/** All stores tell the same story. */
export const traceCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-90",
    title: "one script leaves the same trace on every pair",
    async run({ store }) {
      equal(await tracePair(store), expectedTrace, "trace");
    },
  },
];
