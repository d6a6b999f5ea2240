import { expect, it } from "vitest";
import { simulateMany } from "../src/simulator.ts";
import { seedsFrom, sites } from "./simulator/sites.ts";

it.each(["memory, fused", "level, fused", "level, apart", "level with memory topics"] as const)(
  "every promise holds over %s",
  async (name) => {
    const reports = await simulateMany({ seeds: seedsFrom(1, 60), open: sites[name] });
    expect(reports).toHaveLength(100);
  },
  120_000,
);
