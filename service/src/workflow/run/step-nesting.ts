import { JobqError } from "@jobq/core";
import type { StepName } from "../record/drift.ts";

/** Keeps steps from being begun inside of steps, as far as that can be seen: until the function of the outer one first waits. */
export class StepNesting {
  #outer: StepName | undefined;

  /** Calls the function of a step. */
  within<T>(step: StepName, work: () => T): T {
    this.#outer = step;
    try {
      return work();
    } finally {
      this.#outer = undefined;
    }
  }

  /** @throws {JobqError} INVALID_STATE the function of another step is being called */
  check(inner: StepName): void {
    const outer = this.#outer;
    if (!outer) return;
    throw new JobqError(
      "INVALID_STATE",
      `${inner.kind} "${inner.name}" was begun inside ${outer.kind} "${outer.name}": a step is one piece, which is recorded ` +
        "whole. Begin it in the workflow itself",
    );
  }
}
