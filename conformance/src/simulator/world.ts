import { ManualClock } from "@jobq/core";
import type { ReservedJob } from "@jobq/service";
import type { Ask, Wish } from "./ask.ts";
import { Auditor } from "./auditor.ts";
import { Gate } from "./gate.ts";
import type { Stores } from "./gated-stores.ts";
import { type Process, startProcess } from "./process.ts";
import { mixed, Random } from "./random.ts";
import { connectTo, type Site } from "./site.ts";
import { Switchboard } from "./switchboard.ts";

/** A reservation in somebody's hands, for as long as the world lasts. */
export interface HeldReservation {
  readonly label: string;
  readonly process: Process;
  readonly job: ReservedJob;
}

/** Processes over the stores of a site, the time they live in, and who watches them. */
export class World {
  readonly clock = new ManualClock();
  readonly auditor: Auditor;
  readonly switchboard: Switchboard;
  readonly reservations: HeldReservation[] = [];
  readonly trace: string[] = [];
  readonly #seed: number;
  readonly #site: Site;
  readonly #shared: boolean;
  readonly #places = new Map<number, Process>();
  #started = 0;
  #deaths = 0;

  /** @param stores for the auditor alone */
  constructor(seed: number, site: Site, stores: Stores, shared: boolean) {
    this.#seed = seed;
    this.#site = site;
    this.#shared = shared;
    this.auditor = new Auditor(stores.jobs, () => this.clock.now());
    this.switchboard = new Switchboard({
      written: () => this.auditor.observe(),
      died: (gate) => {
        this.#deaths++;
        this.vacate(gate);
      },
      traced: (line) => this.trace.push(line),
    });
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** A store has failed or a process died: what was asked for may have gone wrong. */
  get disturbed(): boolean {
    return this.switchboard.faults + this.#deaths > 0;
  }

  /** True when no process can have taken or moved what another one knows. */
  get alone(): boolean {
    return !this.#shared;
  }

  /** The processes that are there. */
  get processes(): readonly Process[] {
    return [...this.#places.values()];
  }

  /** The process in that place; one is started when there is none. */
  async process(place: number): Promise<Process> {
    const found = this.#places.get(place);
    if (found) return found;
    const gate = new Gate(`p${place}.${++this.#started}`, this.switchboard);
    const random = new Random(mixed(this.#seed, this.#started));
    const started = startProcess(await connectTo(this.#site), gate, this.clock, random, this.#shared);
    this.#places.set(place, started);
    return started;
  }

  /** The process in that place, if one is there. */
  at(place: number): Process | undefined {
    return this.#places.get(place);
  }

  /** The process is gone, and with it everything it was asked for. */
  vacate(gate: Gate): void {
    gate.die();
    this.auditor.openCalls.endAll(gate);
    for (const [place, process] of this.#places) if (process.gate === gate) this.#places.delete(place);
  }

  /** Makes a call of a service and watches over its answer. */
  ask<T>(
    { gate }: Process,
    what: string,
    wish: Wish,
    call: () => Promise<T>,
    answered: (ask: Ask, value: T) => void = (ask) => this.auditor.acknowledged(ask),
  ): void {
    const ask = this.auditor.openCalls.begin(gate, `${gate.name} ${what}`, wish);
    call().then(
      (value) => {
        if (!gate.dead) answered(ask, value);
      },
      (error: unknown) => {
        if (!gate.dead) this.auditor.failed(ask, error, this.disturbed);
      },
    );
  }
}
