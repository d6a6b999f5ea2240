import { describe, expect, it } from "vitest";
import { type Case, type Conforming, type Harness, runCase } from "../src/index.ts";

/** Longer than any case takes; a mutant may make one wait for ever. */
const LIMIT_MS = 5_000;

/**
 * Registers the proof that the reference passes every case, that every mutant fails one, and that every case fails
 * over a mutant. Once a mutant has failed, it runs only the cases that no mutant has failed yet; quick ones go first.
 */
export function provesKit<S extends Conforming, M>(
  cases: readonly Case<S>[],
  harnessOf: (name: string, mutant?: M) => Harness<S>,
  mutants: Readonly<Record<string, M>>,
): void {
  const unproved = new Set(cases);
  const costs = new Map<Case<S>, number>();
  const costOf = (one: Case<S>): number => costs.get(one) ?? 0;

  it("every case passes over the reference", async () => {
    const failed: string[] = [];
    for (const one of cases) {
      const start = performance.now();
      if (!(await passes(one, harnessOf("reference")))) failed.push(one.id);
      costs.set(one, performance.now() - start);
    }
    expect(failed).toEqual([]);
  });

  describe("every mutant fails a case", () => {
    for (const [name, mutant] of Object.entries(mutants)) {
      it(name, async () => {
        let caught = false;
        for (const one of [...cases].sort((a, b) => costOf(a) - costOf(b))) {
          if (caught && !unproved.has(one)) continue;
          if (await passes(one, harnessOf(name, mutant))) continue;
          caught = true;
          unproved.delete(one);
        }
        expect(caught).toBe(true);
      });
    }
  });

  it("every case fails over a mutant", () => {
    expect([...unproved].map(({ id, title }) => `${id} ${title}`)).toEqual([]);
  });
}

async function passes<S extends Conforming>(one: Case<S>, harness: Harness<S>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), LIMIT_MS);
  });
  const run = runCase(one, harness).then(
    () => true,
    () => false,
  );
  return Promise.race([run, late]).finally(() => clearTimeout(timer));
}
