import type { Timestamp } from "@jobq/core";
import { hash128 } from "../../module.ts";
import type { StepKind } from "../record/checkpoint.ts";

const DIGITS = 6;
const BRANCH_DIGITS = 3;

/** One line of code of a run: the whole of it, or one of its parallel branches. Its steps are counted by themselves. */
export class Branch {
  /** What the keys of its steps begin with. */
  readonly path: string;
  /** The time for its code: when its latest step finished. */
  now: Timestamp;
  #next = 0;
  #sinceStep = 0;
  readonly #counts = new Map<string, number>();

  constructor(path: string, now: Timestamp) {
    this.path = path;
    this.now = now;
  }

  /** The place of its next step, within it. */
  get position(): string {
    return String(this.#next).padStart(DIGITS, "0");
  }

  /** The key of the step that begins here. */
  enter(): string {
    const key = this.path + this.position;
    this.#next++;
    this.#sinceStep = 0;
    return key;
  }

  /** Which one it is of the steps of that kind and name, from 0. */
  count(kind: StepKind, name: string): number {
    const id = `${kind} ${name}`;
    const count = this.#counts.get(id) ?? 0;
    this.#counts.set(id, count + 1);
    return count;
  }

  /** Names a value that is derived between two steps: the same in every replay. */
  derive(): string {
    return `${this.path}${this.position}/${this.#sinceStep++}`;
  }
}

/** The path of a branch of the parallel step with that key. */
export function branchPath(key: string, branch: number): string {
  return `${key}.${String(branch).padStart(BRANCH_DIGITS, "0")}.`;
}

/** What the keys of the steps by which a run is rolled back begin with: after all those of its code. */
export const ROLLBACK_PATH = "999999.000.";

/** The key of a step at a place where another one is recorded, which stays. */
export function besideKey(key: string, { kind, name }: { readonly kind: StepKind; readonly name: string }): string {
  const [hash = 0] = hash128(`${kind} ${name}`);
  return `${key}~${hash.toString(16)}`;
}

/** A key as people count: `000012.001.000003` is `13.2.4`. */
export function placeOf(key: string): string {
  return key
    .split(".")
    .map((part) => Number.parseInt(part, 10) + 1)
    .join(".");
}
