import { expect, it } from "vitest";
import { simulateMany } from "../src/simulator.ts";
import { seedsFrom, sites } from "./simulator/sites.ts";

const SEEDS = 60;

it.each(["memory, fused", "level, fused", "level, apart", "level with memory topics"] as const)(
  "every promise holds over %s",
  async (name) => {
    const reports = await simulateMany({ seeds: seedsFrom(1, SEEDS), open: sites[name] });
    expect(reports).toHaveLength(SEEDS);
  },
  120_000,
);
