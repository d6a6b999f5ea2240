import type { Note, Timestamp } from "@jobq/core";
import type { ModuleContext } from "../../module.ts";
import { type Checkpoint, checkpointNote, isFinished, type Recorded } from "./checkpoint.ts";

/** Keys of steps begin with a digit; those with a slash are pages of results. */
const STEP = /^\d[\d.~a-z-]*$/;

/** The note that holds the payload of a run that has continued as new. */
export const INPUT = "input";

/** The note that says why a run is rolled back. */
export const ROLLBACK = "rollback";

/** The note that asks for a rollback. */
export const CANCEL = "cancel";

/** What a run was continued as new with. */
export interface RunInput {
  /** How often it has been continued. */
  readonly era: number;
  readonly payload: unknown;
}

/** True for what every codec keeps as it is. */
function isKept(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return value === null || ["string", "boolean", "undefined"].includes(typeof value);
}

/** What is recorded of a run: its checkpoints, by the place in the code where they were made. */
export class Journal {
  readonly #steps = new Map<string, Recorded>();
  /** Notes that are decoded when they are asked for. */
  readonly #others = new Map<string, string>();
  readonly #context: Pick<ModuleContext, "encode" | "decode">;
  #bytes = 0;
  /** How many steps had finished when it was read. */
  readonly lastOrder: number;

  constructor(notes: readonly Note[], context: Pick<ModuleContext, "encode" | "decode">) {
    this.#context = context;
    let lastOrder = 0;
    for (const { key, value, at } of notes) {
      this.#bytes += value.length;
      if (!STEP.test(key)) {
        this.#others.set(key, value);
        continue;
      }
      const checkpoint = context.decode(value) as Checkpoint;
      lastOrder = Math.max(lastOrder, checkpoint.order ?? 0);
      this.#steps.set(key, { ...checkpoint, at });
    }
    this.lastOrder = lastOrder;
  }

  /** How many steps are recorded. */
  get size(): number {
    return this.#steps.size;
  }

  /** How much is recorded, in UTF-16 units. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Every key that there is a note of. */
  get keys(): readonly string[] {
    return [...this.#steps.keys(), ...this.#others.keys()];
  }

  find(key: string): Recorded | undefined {
    return this.#steps.get(key);
  }

  /** The steps by key, in the order of the code. */
  steps(): readonly (readonly [string, Recorded])[] {
    return [...this.#steps];
  }

  /** What another note holds. */
  other(key: string): unknown {
    const text = this.#others.get(key);
    return text === undefined ? undefined : this.#context.decode(text);
  }

  /** The note of a checkpoint, which is known here from now on. */
  note(id: string, key: string, checkpoint: Checkpoint, at: Timestamp): Note {
    const note = checkpointNote(this.#context, id, key, checkpoint, at);
    this.#bytes += note.value.length;
    this.#steps.set(key, { ...checkpoint, at });
    return note;
  }

  /** A value as a replay will see it: what the codec does not keep is gone at once, not only after a crash. */
  asRecorded({ value: text }: Note, value: unknown): unknown {
    if (isKept(value)) return value;
    return (this.#context.decode(text) as Checkpoint).value;
  }

  /** Remembers another note that was written. */
  keep(key: string, text: string): void {
    this.#bytes += text.length;
    this.#others.set(key, text);
  }

  /** The step of that kind and name of a branch which is recorded after so many others. */
  nth(path: string, { kind, name }: Pick<Checkpoint, "kind" | "name">, count: number) {
    const all = this.steps().filter(([key, step]) => {
      return step.kind === kind && step.name === name && key.startsWith(path) && !key.slice(path.length).includes(".");
    });
    return all[count];
  }

  /** True when a step at this place, or after it within the same branch, has been recorded. */
  hasPassed(path: string, position: string): boolean {
    for (const key of this.#steps.keys()) {
      if (key.startsWith(path) && key.slice(path.length) >= position) return true;
    }
    return false;
  }

  /** Finished steps that are not among the keys. */
  unreached(reached: ReadonlySet<string>): readonly (readonly [string, Recorded])[] {
    return this.steps().filter(([key, step]) => isFinished(step) && !reached.has(key));
  }
}
