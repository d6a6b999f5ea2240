import {
  type Change,
  type Claim,
  type Clock,
  type Deadline,
  type Job,
  type JobHead,
  type JobId,
  type NewId,
  type Refusal,
  SortedList,
  type Timestamp,
  type UnitOutcome,
} from "@jobq/core";
import { attemptNote } from "../attempts.ts";
import { messageOf } from "../input/error-text.ts";
import { isDecryption, type PayloadCodec } from "../input/payload-codec.ts";
import type { Keep } from "../operating/retention.ts";
import type { Report } from "../report.ts";
import { requireStored } from "../store/refusal-error.ts";
import { SETTLED, type Settlement, type Writes } from "../store/writes.ts";
import { noLaterThan } from "../time/no-later-than.ts";
import { timeWithin } from "../time/time-within.ts";
import type { Failure, HolderPort } from "./holder-port.ts";
import { ReservedJob } from "./reserved-job.ts";

/** How long a job is left alone that cannot be decrypted here. */
const LEFT_MS = 60_000;

/** What reservations are made with. */
export interface ReservationsOptions {
  readonly clock: Clock;
  /** Every write, as it is done now. */
  readonly writes: () => Writes;
  readonly codec: PayloadCodec;
  readonly newId: NewId;
  readonly random: () => number;
  readonly report: Report;
  /** How long ended jobs are kept; one that is done and not to be kept at all goes in the write that completes it. */
  readonly keep: Keep | undefined;
}

/** The reservations that are out: makes them, serves their holders, and takes them back in the end. */
export class Reservations implements HolderPort {
  readonly now: () => Timestamp;
  readonly sync: () => Promise<void> | undefined;
  readonly random: () => number;
  readonly #options: ReservationsOptions;
  readonly #held = new SortedList<Pick<JobHead, "id">, ReservedJob>((a, b) => a.id < b.id);
  #drained: (() => void) | undefined;

  constructor(options: ReservationsOptions) {
    const { clock, random } = options;
    this.#options = options;
    this.now = () => clock.now();
    this.sync = () => clock.sync();
    this.random = random;
  }

  /**
   * Reserves jobs and puts them into hands. One whose payload does not decode is canceled as `rejected` instead, and one
   * that was met too late is passed over, and another looked for.
   */
  async claim(claims: readonly Claim[]): Promise<ReservedJob[][]> {
    const reserved = await this.#options.writes().reserve(claims, this.now());
    const held = reserved.map((jobs) => this.#handOut(jobs));
    const short: number[] = [];
    for (let i = 0; i < reserved.length; i++) if (reserved[i]?.length !== held[i]?.length) short.push(i);
    return short.length === 0 ? held : this.#claimMore(claims, held, short);
  }

  /** Looks for others in place of the jobs that could not be handed out. */
  async #claimMore(
    claims: readonly Claim[],
    held: ReservedJob[][],
    short: readonly number[],
  ): Promise<ReservedJob[][]> {
    const more = await this.claim(
      short.map((i) => {
        const claim = claims[i] as Claim;
        return { ...claim, limit: claim.limit - (held[i]?.length ?? 0) };
      }),
    );
    for (const [index, i] of short.entries()) held[i]?.push(...(more[index] ?? []));
    return held;
  }

  encodeResult(result: unknown): string | undefined {
    return result === undefined ? undefined : this.#options.codec.encode(result, "result");
  }

  settle(held: ReservedJob, job: Job, change: Change, failure?: Failure): Promise<Refusal | undefined> {
    const { keep, writes } = this.#options;
    const unit = this.settlement(job, change, this.now(), failure);
    const forgets = keep?.done === 0 && change.type === "done" && !job.parent; // by which it may still be looked at
    const settled = writes().settle(job, forgets ? { ...unit, purge: [job.id] } : unit);
    if (settled === SETTLED) this.#leave(held);
    return settled;
  }

  /** What settles a job, with the record of an attempt that failed. */
  settlement(job: Job, change: Change, now: Timestamp, failure?: Failure): Settlement {
    const apply = [this.#encoded(change)] as const;
    if (!failure) return { now, apply };
    return { now, apply, note: [attemptNote(job, failure.outcome, failure.error, this.#options.codec, now)] };
  }

  commit(change: Change, line?: string): Promise<UnitOutcome> {
    const { writes, newId } = this.#options;
    const now = this.now();
    const unit = { now, apply: [change] };
    if (line === undefined) return writes().commit(unit);
    // The keys of later lines sort after those of earlier ones.
    return writes().commit({ ...unit, note: [{ id: change.id, kind: "log", key: newId(now), value: line, at: now }] });
  }

  async commitWithin(job: Job, change: Change, transaction: object): Promise<UnitOutcome> {
    const { clock, writes, report } = this.#options;
    const within = writes().within(transaction);
    return within.commit({ now: await timeWithin(clock, within, report), apply: [change] }, job);
  }

  left(job: ReservedJob): void {
    if (this.#held.find(job) === job) this.#leave(job);
  }

  /** The job moved on, or is gone: who holds it by an older or ended reservation does so no longer. */
  moved(job: JobHead, gone: boolean): void {
    const held = this.#held.find(job);
    if (!held) return;
    const isHeld = job.state === "reserved" && job.token === held.token;
    const isOldNews = job.token < held.token;
    if (!gone && (isHeld || isOldNews)) return;
    this.#leave(held);
    held.lose(job);
  }

  /** What is held of that job, if it is. */
  held(id: JobId): ReservedJob | undefined {
    return this.#held.find({ id });
  }

  /** All that is held, by id. */
  all(): ReservedJob[] {
    return [...this.#held.from()];
  }

  /** Waits until nothing is held any more, but not past the deadline; then gives back what is. */
  async close(deadline: Deadline): Promise<void> {
    if (this.#held.size > 0) {
      const drained = new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
      await noLaterThan(deadline, drained);
    }
    const held = this.all();
    for (const job of held) job.lose();
    await Promise.all(held.map(({ id, token }) => this.commit({ type: "release", id, token })));
  }

  #handOut(jobs: readonly Job[]): ReservedJob[] {
    const { codec, report } = this.#options;
    const held: ReservedJob[] = [];
    for (const job of jobs) {
      if (job.state !== "reserved") continue;
      try {
        const one = new ReservedJob(job, codec.decode(job.payload), this);
        this.#hold(one, job);
        held.push(one);
      } catch (error) {
        if (isDecryption(error)) report(error, `reading job ${job.id}`);
        const over = isDecryption(error) ? this.#leaveToOthers(job) : this.#reject(job, error);
        over.catch((failure) => report(failure, "rejecting a job"));
      }
    }
    return held;
  }

  #hold(job: ReservedJob, now: JobHead): void {
    const before = this.#held.add(job);
    if (before === job) return;
    // The one who held it before has not heard of its end.
    before.lose(now);
    this.#held.add(job);
  }

  /** The change with the text of its error as it is kept. */
  #encoded(change: Change): Change {
    if (!("error" in change) || change.error === undefined) return change;
    return { ...change, error: this.#options.codec.encodeError(change.error) };
  }

  #leave(job: ReservedJob): void {
    this.#held.delete(job);
    if (this.#held.size === 0) this.#drained?.();
  }

  /** One with another key may have it: it is let go of for a while, which costs no attempt. */
  async #leaveToOthers({ id, token }: Job): Promise<void> {
    requireStored(await this.commit({ type: "suspend", id, token, at: this.now() + LEFT_MS }), "suspend");
  }

  async #reject({ id, token }: Job, error: unknown): Promise<void> {
    // Encoded, since what does not decode may be quoted in it.
    const change: Change = { type: "cancel", id, token, reason: "rejected", error: messageOf(error) };
    requireStored(await this.commit(this.#encoded(change)), "cancel");
  }
}
