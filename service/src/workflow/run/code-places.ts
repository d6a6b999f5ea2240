import type { Timestamp } from "@jobq/core";
import { isFinished, type Recorded } from "../record/checkpoint.ts";
import { isOf, type StepName } from "../record/drift.ts";
import type { Journal } from "../record/journal.ts";
import type { Determinism } from "../workflow-settings.ts";
import { Branch, besideKey, ROLLBACK_PATH } from "./branch.ts";

/** Where the code of a run is: at a step that was recorded, or at a new one. */
export interface Place {
  readonly key: string;
  readonly branch: Branch;
  readonly step: StepName;
  readonly recorded: Recorded | undefined;
  /** When it began, if it is not recorded: of the first step, when the run did. */
  readonly begunAt: Timestamp;
}

/** What the places of the code are compared with. */
export interface CodePlacesOptions {
  readonly journal: Journal;
  readonly determinism: Determinism;
  readonly now: () => Timestamp;
  /** Told of a step that is not the recorded one, where the run goes on all the same. */
  readonly differs: (key: string, recorded: StepName, reached: StepName) => void;
}

/** A step that is not the one recorded at its place. */
export class Mismatch {
  readonly key: string;
  readonly recorded: Recorded;

  constructor(key: string, recorded: Recorded) {
    this.key = key;
    this.recorded = recorded;
  }
}

/** Finds for each step of the code what is recorded of it. */
export class CodePlaces {
  /** The code outside of parallel branches. */
  readonly root: Branch;
  /** The keys of the steps that the code has come to. */
  readonly reached = new Set<string>();
  readonly #options: CodePlacesOptions;
  #phase: "code" | "frozen" | "rollback" = "code";

  constructor(options: CodePlacesOptions) {
    this.#options = options;
    const first = options.journal.steps()[0]?.[1];
    this.root = new Branch("", first?.startedAt ?? options.now());
  }

  /** `frozen`: the code is replayed, but does nothing new; `rollback`: it does nothing any more. */
  get phase(): "code" | "frozen" | "rollback" {
    return this.#phase;
  }

  set phase(phase: "frozen" | "rollback") {
    this.#phase = phase;
  }

  /** The place of the next step of a branch; undefined where it is not to be done. */
  enter(branch: Branch, step: StepName): Place | Mismatch | undefined {
    const { key, recorded } = this.#find(branch, step);
    this.reached.add(key);
    if (this.#isStopped(branch, recorded)) return undefined;
    const begunAt = recorded?.startedAt ?? (this.reached.size === 1 ? this.root.now : this.#options.now());
    if (!recorded || isOf(recorded, step)) return { key, branch, step, recorded, begunAt };
    // What has not finished leads nowhere yet, unless its children are out: it may be changed.
    if (!isFirm(recorded)) return { key, branch, step, recorded: undefined, begunAt };
    return new Mismatch(key, recorded);
  }

  /** Where a step of the code is recorded, or will be. */
  #find(branch: Branch, step: StepName): { readonly key: string; readonly recorded: Recorded | undefined } {
    const { journal, determinism, differs } = this.#options;
    const count = branch.count(step.kind, step.name);
    const key = branch.enter();
    const recorded = journal.find(key);
    if (determinism !== "bestEffort" || (recorded && isOf(recorded, step))) return { key, recorded };
    const found = journal.nth(branch.path, step, count);
    if (recorded && isFirm(recorded)) differs(key, recorded, step);
    if (found && !this.reached.has(found[0])) return { key: found[0], recorded: found[1] };
    // What is recorded here stays, since the code may come to it elsewhere.
    return recorded && isFirm(recorded) ? { key: besideKey(key, step), recorded: undefined } : { key, recorded };
  }

  /** True for what is not to be done any more, or is not to be done anew. */
  #isStopped(branch: Branch, recorded: Recorded | undefined): boolean {
    if (this.#phase === "code" || branch.path === ROLLBACK_PATH) return false;
    return this.#phase === "rollback" || !recorded || !(isFinished(recorded) || recorded.kind === "parallel");
  }
}

/** True for a step that something has come of: an outcome, children, branches with steps of their own. */
function isFirm(recorded: Recorded): boolean {
  return isFinished(recorded) || recorded.group !== undefined || recorded.kind === "parallel";
}
