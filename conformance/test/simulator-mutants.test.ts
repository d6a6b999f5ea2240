import { describe, expect, it } from "vitest";
import { SimulationFailure, simulateMany } from "../src/simulator.ts";
import { mutants } from "./simulator/mutants.ts";
import { seedsFrom } from "./simulator/sites.ts";

const SEEDS = seedsFrom(1, 400);

describe("the simulator catches", () => {
  it.each(Object.entries(mutants))(
    "%s",
    async (_, { open, breaks }) => {
      const failure = await simulateMany({ seeds: SEEDS, open }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(SimulationFailure);
      const { promised, steps } = failure as SimulationFailure;
      expect(breaks).toContain(promised);
      expect(steps.length).toBeLessThan(30);
    },
    30_000,
  );
});
