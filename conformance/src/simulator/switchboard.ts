import { JobqError } from "@jobq/core";
import type { Gate } from "./gate.ts";
import type { Random } from "./random.ts";

/** A call of a port that has been made and not been answered. */
export interface PortCall {
  readonly gate: Gate;
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** Whether it may change jobs. */
  readonly writes: boolean;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a switchboard tells of. */
export interface SwitchboardEvents {
  /** Jobs may have changed, and nobody has been told yet. */
  readonly written: () => Promise<void>;
  /** The process died. */
  readonly died: (gate: Gate) => void;
  /** What happened to a call. */
  readonly traced: (line: string) => void;
}

/** How many calls run at once at most. */
const MAX_AT_ONCE = 3;

/** Microtasks after which those who were answered have asked for what they want next, and those after which nobody will. */
const SHORT_SETTLING = 24;
const LONG_SETTLING = 120;

/**
 * Serves the port calls of all processes in rounds, in an order that a seed decides: nothing else moves a simulated
 * world, so a seed replays it. In each round some calls run, the world is audited, and only then are they answered.
 */
export class Switchboard {
  readonly #events: SwitchboardEvents;
  #open: PortCall[] = [];
  #calls = 0;
  #faults = 0;

  constructor(events: SwitchboardEvents) {
    this.#events = events;
  }

  /** Calls that ran. */
  get calls(): number {
    return this.#calls;
  }

  /** Calls that went wrong. */
  get faults(): number {
    return this.#faults;
  }

  get quiet(): boolean {
    return this.#open.length === 0;
  }

  /** True while calls of that process are open. */
  serves(gate: Gate): boolean {
    return this.#open.some((call) => call.gate === gate);
  }

  add(call: PortCall): void {
    this.#open.push(call);
  }

  /** Runs so many rounds, or until no call is open; without `random`, in the order of the calls. */
  async run(rounds: number, random: Random | undefined): Promise<void> {
    await settle(SHORT_SETTLING);
    for (let round = 0; round < rounds; round++) {
      if (this.quiet) await settle(LONG_SETTLING);
      if (this.quiet) return;
      await this.#round(random);
    }
  }

  /** The process dies now; of the calls it has open, some get through to the store. */
  async kill(gate: Gate, random: Random | undefined): Promise<void> {
    await this.#bury(gate, random);
    await this.#events.written();
    this.#events.died(gate);
  }

  async #round(random: Random | undefined): Promise<void> {
    const batch = this.#take(random);
    const answers = await Promise.all(batch.map((call) => this.#perform(call)));
    const dead = new Set(batch.flatMap(({ gate }) => (gate.dead ? gate : [])));
    for (const gate of dead) await this.#bury(gate, random);
    if (dead.size > 0 || batch.some(({ writes }) => writes)) await this.#events.written();
    for (const gate of dead) this.#events.died(gate);
    for (const [index, answer] of answers.entries()) if (!batch[index]?.gate.dead) answer();
    await settle(SHORT_SETTLING);
  }

  #take(random: Random | undefined): PortCall[] {
    const count = random?.chance(0.3) ? random.between(2, MAX_AT_ONCE) : 1;
    const batch: PortCall[] = [];
    while (batch.length < count && this.#open.length > 0) {
      batch.push(...this.#open.splice(random?.below(this.#open.length) ?? 0, 1));
    }
    return batch;
  }

  /** Runs the call, unless it goes wrong before; the answer is how to tell the caller. */
  async #perform(call: PortCall): Promise<() => void> {
    const { gate, name } = call;
    const fault = gate.nextFault();
    this.#calls++;
    if (fault) this.#faults++;
    if (fault === "die before" || fault === "die after") gate.die();
    this.#events.traced(`${gate.name} ${name}${fault ? `: ${fault}` : ""}`);
    if (fault === "fail before" || fault === "die before") return () => call.reject(failure("STORE_FAILED", name));
    const answer = await outcomeOf(call);
    return fault === "fail after" ? () => call.reject(failure("OUTCOME_UNKNOWN", name)) : answer;
  }

  async #bury(gate: Gate, random: Random | undefined): Promise<void> {
    gate.die();
    const left = this.#open.filter((call) => call.gate === gate);
    this.#open = this.#open.filter((call) => call.gate !== gate);
    for (const call of left) {
      const through = random?.chance(0.5) ?? false;
      this.#events.traced(`${gate.name} ${call.name}: died while open, ${through ? "stored" : "lost"}`);
      if (through) await outcomeOf(call);
    }
  }
}

async function outcomeOf({ run, resolve, reject }: PortCall): Promise<() => void> {
  try {
    const value = await run();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}

function failure(code: "STORE_FAILED" | "OUTCOME_UNKNOWN", name: string): JobqError {
  return new JobqError(code, `simulated failure of ${name}`);
}

async function settle(microtasks: number): Promise<void> {
  for (let i = 0; i < microtasks; i++) await undefined;
}
