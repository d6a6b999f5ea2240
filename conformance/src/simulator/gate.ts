import type { FaultKind } from "./script.ts";
import type { Switchboard } from "./switchboard.ts";

/** Where the port calls of one process go out: what serves them, goes wrong with them, or dies at them. */
export class Gate {
  /** Which of the processes, and how many have had its place before. */
  readonly name: string;
  /** How far the close of its service is, once it has been asked for; it still takes calls. */
  closing: "asked" | "ended" | "failed" | undefined;
  readonly #switchboard: Switchboard;
  #faults: { readonly kind: FaultKind; callsLeft: number }[] = [];
  #dead = false;

  constructor(name: string, switchboard: Switchboard) {
    this.name = name;
    this.#switchboard = switchboard;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** From now on nothing that this process asked for is answered, and nothing it still asks for happens. */
  die(): void {
    this.#dead = true;
  }

  /** The `call`-th call from now on goes wrong. */
  arm(kind: FaultKind, call: number): void {
    this.#faults.push({ kind, callsLeft: call });
  }

  disarm(): void {
    this.#faults = [];
  }

  /** Counts a call that is about to run; returns how it goes wrong, if it does. */
  nextFault(): FaultKind | undefined {
    for (const fault of this.#faults) fault.callsLeft--;
    const due = this.#faults.find(({ callsLeft }) => callsLeft <= 0);
    if (due) this.#faults = this.#faults.filter((fault) => fault !== due);
    return due?.kind;
  }

  /**
   * Has the switchboard run it when its turn comes.
   * @param writes whether it may change jobs
   */
  call<T>(name: string, run: () => Promise<T>, writes = false): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#dead) {
        this.#switchboard.add({ gate: this, name, run, writes, resolve: resolve as (value: unknown) => void, reject });
      }
    });
  }
}
