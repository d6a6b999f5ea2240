import type { Change, Job, JobHead, JobId, Note, Timestamp, UnitOutcome } from "@jobq/core";
import { derivedId, heldToEdit, type ModuleContext, refusalError } from "../../module.ts";
import type { Rate } from "./rate.ts";
import {
  NO_PLACES,
  nextFreeAt,
  readPlaces,
  type TakenPlaces,
  takenWithin,
  withoutTaken,
  withTaken,
} from "./taken-places.ts";

/** The topic of the jobs that are shared rates. */
export const RATES = "jobq:rates";
const KIND = "rate";
const TAKEN = "taken";
/** Each refusal is a place that somebody else took: so many in a row means that something is wrong. */
const MAX_REFUSALS = 100;
/** Who finds no place free asks again after this share of the span at the earliest, when several may be free. */
const SHORTEST_WAIT = 1 / 20;
/** The share of the span within which a place that was taken is used, while the store takes no longer. */
const SHORTEST_USE = 1 / 50;
/** Neither of these is longer, however long the span. */
const LONGEST_MS = 1000;

/** What is stored of a rate; without a job, nothing yet. */
interface Stored {
  readonly job: JobHead | undefined;
  readonly places: TakenPlaces;
}

/**
 * Places that were taken here. They are stored as used by a time that was a guess, since it was not known how long storing
 * takes.
 */
interface LastTaken {
  readonly count: number;
  readonly usedBy: Timestamp;
  /** By when they were used; undefined where they were not, since it was too late for that. */
  readonly begunBy: Timestamp | undefined;
}

/**
 * A rate that all who name its key over the same store have together. The places that were taken are a note on a job that
 * is never worked: who takes some holds that job for the unit, so that two who read the same places never both take them.
 * Who dies with places taken leaves them to be free after the span, as if the jobs had begun.
 */
export class SharedRate implements Rate {
  readonly #context: ModuleContext;
  readonly #key: string;
  readonly #max: number;
  readonly #perMs: number;
  readonly #shortestUseMs: number;
  readonly #shortestWaitMs: number;
  /** What was read or stored last; others may have taken more since, never fewer. */
  #known: Stored | undefined;
  #last: LastTaken | undefined;
  #nextInMs = 0;
  /** How long the store may take: what begins by then has its place for a whole span afterwards. */
  #useMs: number;

  constructor(context: ModuleContext, key: string, max: number, perMs: number) {
    this.#context = context;
    this.#key = key;
    this.#max = max;
    this.#perMs = perMs;
    this.#shortestUseMs = shareOf(perMs, SHORTEST_USE);
    this.#shortestWaitMs = shareOf(perMs, SHORTEST_WAIT);
    this.#useMs = this.#shortestUseMs;
  }

  get nextInMs(): number {
    return this.#nextInMs;
  }

  async free(): Promise<number> {
    const now = await this.#context.now();
    this.#known ??= await this.#read();
    return this.#free(this.#known, now);
  }

  async take(count: number): Promise<number> {
    let wanted = count;
    for (let refusals = 0; ; ) {
      const now = await this.#context.now();
      const stored = this.#known ?? (await this.#read());
      this.#known = undefined; // until it is known what became of it
      const taken = Math.min(wanted, this.#free(stored, now));
      if (taken === 0) return 0;
      const usedBy = now + Math.ceil(this.#useMs);
      const places = withTaken(stored.places, taken, this.#perMs, usedBy);
      const outcome = await this.#store(stored.job, places, now);
      if (outcome.ok) {
        const isInTime = this.#took(taken, now, usedBy);
        const isTooSlow = !isInTime && this.#useMs === this.#perMs;
        if (isTooSlow) this.#last = undefined; // the places stay taken, or the store would be asked again at once
        this.#known = { job: outcome.changed.at(-1), places: this.#corrected(places) };
        if (isInTime || isTooSlow) return isInTime ? taken : 0;
        wanted = taken; // the same places once more, for a later time
      } else if (refusals++ >= MAX_REFUSALS) throw refusalError(outcome, "suspend");
    }
  }

  /** What would begin later than by that time is not to begin: others may have its place a span after that time. */
  #took(count: number, now: Timestamp, usedBy: Timestamp): boolean {
    const after = this.#context.clock.now();
    this.#useMs = Math.min(this.#perMs, Math.max(this.#shortestUseMs, (after - now) * 2));
    const isInTime = after <= usedBy;
    const begunBy = isInTime ? Math.min(usedBy, after + Math.ceil(this.#shortestUseMs)) : undefined;
    this.#last = { count, usedBy, begunBy };
    return isInTime;
  }

  /** The places with those that were taken last as they were used indeed, which is stored with the next that are taken. */
  #corrected(places: TakenPlaces): TakenPlaces {
    if (!this.#last) return places;
    const { count, usedBy, begunBy } = this.#last;
    const others = withoutTaken(places, count, this.#perMs, usedBy);
    return begunBy === undefined || others === places ? others : withTaken(others, count, this.#perMs, begunBy);
  }

  /** How many places are free, and when one is. Where none is, what others do meanwhile is read before it is asked again. */
  #free({ places }: Stored, now: Timestamp): number {
    const free = Math.max(0, this.#max - takenWithin(places, this.#perMs, now));
    if (free > 0) return free;
    this.#known = undefined;
    const leftMs = nextFreeAt(places, this.#max, this.#perMs, now) - now;
    const jitterMs = this.#context.random() * this.#shortestUseMs; // not all at once
    this.#nextInMs = Math.max(leftMs, this.#shortestWaitMs) + jitterMs;
    return 0;
  }

  async #read(): Promise<Stored> {
    const [job] = await this.#context.jobs.get([this.#id]);
    const notes = job ? await this.#context.jobs.notes(job.id, KIND) : [];
    const text = notes.find(({ key }) => key === TAKEN)?.value;
    return { job, places: text === undefined ? NO_PLACES : this.#corrected(readPlaces(this.#key, text)) };
  }

  #store(stored: JobHead | undefined, places: TakenPlaces, now: Timestamp): Promise<UnitOutcome> {
    const job = stored ?? this.#newJob(now);
    const { id, token } = job;
    const letGo: Change = { type: "suspend", id, token: token + 1, awaits: "" };
    const note: Note = { id, kind: KIND, key: TAKEN, value: JSON.stringify(places), at: now };
    const insert = stored ? [] : [job as Job];
    return this.#context.commit({ now, insert, apply: [...heldToEdit(job), letGo], note: [note] });
  }

  #newJob(now: Timestamp): Job {
    const options = { name: this.#key, maxRetries: 1_000_000, maxLeaseLosses: 1_000_000 } as const;
    return { ...this.#context.newJob(RATES, undefined, options, now), id: this.#id };
  }

  get #id(): JobId {
    return derivedId(`rate ${this.#key}`);
  }
}

function shareOf(perMs: number, share: number): number {
  return Math.min(perMs * share, LONGEST_MS);
}
