import { expect, it } from "vitest";
import { simulateMany } from "../src/simulator.ts";
import { seedsFrom, sites } from "./simulator/sites.ts";

const CHUNK = 200;

it.each([0, 1, 2])(
  "every promise holds over memory, kept: chunk %i",
  async (chunk) => {
    const reports = await simulateMany({ seeds: seedsFrom(1 + chunk * CHUNK, CHUNK), open: sites["memory, kept"] });
    expect(reports).toHaveLength(CHUNK);
  },
  120_000,
);
