import { isLocked, type Unit, type UnitOutcome } from "@jobq/core";
import { commitApart, type UnitFailed } from "./commit-apart.ts";
import type { LockedUnits } from "./locked-units.ts";

/** Stores units as {@link QueueStore.commit} does. */
export type Commit = (units: readonly Unit[]) => Promise<readonly UnitOutcome[]>;

/** How much one commit carries at most. */
const MAX_BATCH_UNITS = 1000;
const MAX_BATCH_CHARACTERS = 4 * 1024 * 1024;

const LOCKED: UnitOutcome = { ok: false, code: "LOCKED", id: "" };

/** Of each unit its outcome, or why it alone failed. */
type Outcomes = Promise<readonly (UnitOutcome | UnitFailed)[]>;

interface Batch {
  readonly units: Unit[];
  characters: number;
  readonly outcomes: Outcomes;
  readonly leave: (outcomes: Outcomes) => void;
}

/**
 * Sends no unit alone that it can send with others: those asked for while a commit is under way leave together in the
 * next one. At low load nothing waits; at high load one round trip, or one fsync, carries hundreds. Those that are
 * locked, and those behind them, leave the lane, so that they hold up nobody.
 */
export class GroupCommit {
  readonly #commit: Commit;
  readonly #locked: LockedUnits;
  readonly #batches: Batch[] = [];
  #running: Promise<void> | undefined;

  constructor(commit: Commit, locked: LockedUnits) {
    this.#commit = commit;
    this.#locked = locked;
  }

  /** Stores the unit in the next commit that has room for it. */
  async commit(unit: Unit): Promise<UnitOutcome> {
    let batch = this.#batches[this.#batches.length - 1];
    if (!batch || batch.units.length === MAX_BATCH_UNITS || batch.characters >= MAX_BATCH_CHARACTERS) {
      batch = newBatch();
      this.#batches.push(batch);
    }
    batch.characters += charactersOf(unit);
    const index = batch.units.push(unit) - 1;
    this.#running ??= this.#run();
    const outcome = (await batch.outcomes)[index] as UnitOutcome | UnitFailed;
    if ("error" in outcome) throw outcome.error;
    return isLocked(outcome) ? this.#locked.add(unit) : outcome;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
    await this.#locked.idle();
  }

  /** Rejects what is locked. */
  giveUp(): void {
    this.#locked.giveUp();
  }

  async #run(): Promise<void> {
    await undefined; // calls of the same turn go along
    for (let batch = this.#batches.shift(); batch; batch = this.#batches.shift()) {
      batch.leave(this.#store(batch.units));
      await batch.outcomes.catch(() => {}); // those who joined are told
    }
    this.#running = undefined;
  }

  /** Commits the units but for those that have to wait for locked ones, which are as good as locked. */
  async #store(units: readonly Unit[]): Outcomes {
    const behind = this.#locked.behind(units);
    if (!behind.includes(true)) return commitApart(this.#commit, units);
    const free = units.filter((_, index) => !behind[index]);
    const stored = free.length === 0 ? [] : await commitApart(this.#commit, free);
    return behind.map((isBehind) => (isBehind ? LOCKED : (stored.shift() as UnitOutcome | UnitFailed)));
  }
}

function newBatch(): Batch {
  let leave: Batch["leave"] = () => {};
  const outcomes: Outcomes = new Promise((resolve) => {
    leave = resolve;
  });
  return { units: [], characters: 0, outcomes, leave };
}

/** Roughly what a unit weighs: its payloads, its result, its notes. */
function charactersOf({ insert, apply, note }: Unit): number {
  const change = apply?.[0];
  const noted = note?.reduce((sum, { value }) => sum + value.length, 0) ?? 0;
  if (change?.type === "done") return noted + (change.result?.length ?? 0);
  return noted + (insert?.reduce((sum, { payload }) => sum + payload.length, 0) ?? 0);
}
