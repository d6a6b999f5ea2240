import { type Change, isFinal, isRefusal, type JobHead, type JobId, type Timestamp, transition } from "@jobq/core";
import { type Ask, asksOf, type Wish } from "./ask.ts";
import { type Move, wholeStatus } from "./explain.ts";
import type { Gate } from "./gate.ts";
import type { JobPlan } from "./script.ts";
import type { Waiting } from "./waiting.ts";

/** The calls that are open, and who holds what: everything that may move a job. */
export class OpenCalls {
  readonly #open = new Set<Ask>();
  readonly #holders = new Map<string, Gate>();
  readonly #now: () => Timestamp;
  readonly #known: ReadonlyMap<JobId, JobHead>;
  readonly #waiting: Waiting;

  /** @param known the jobs as they were seen last */
  constructor(known: ReadonlyMap<JobId, JobHead>, waiting: Waiting, now: () => Timestamp) {
    this.#known = known;
    this.#waiting = waiting;
    this.#now = now;
  }

  get open(): ReadonlySet<Ask> {
    return this.#open;
  }

  begin(gate: Gate, what: string, wish: Wish): Ask {
    const unseen = { answered: false, seen: false, allowed: false, refusable: false, idle: false };
    const ask: Ask = { wish, gate, what, startedAt: this.#now(), ...unseen };
    this.#open.add(ask);
    this.#look(ask);
    return ask;
  }

  /** The caller has heard; `lingers` when what was asked for may happen all the same. */
  end(ask: Ask, lingers = false): void {
    ask.answered = true;
    if (!lingers) this.#open.delete(ask);
  }

  /** Nothing that was asked for there can happen any more. */
  endAll(gate: Gate): void {
    for (const ask of this.#open) if (ask.gate === gate) this.#open.delete(ask);
  }

  /** False when somebody was handed that reservation before. */
  handOut(id: JobId, token: number, gate: Gate): boolean {
    const key = `${id} ${token}`;
    if (this.#holders.has(key)) return false;
    this.#holders.set(key, gate);
    return true;
  }

  /** The jobs were seen anew: whether what is asked for is allowed may have changed. */
  look(): void {
    for (const ask of this.#open) this.#look(ask);
  }

  /** Everything that may move the job now. */
  moves(job: JobHead): Move[] {
    const { id, token } = job;
    const now = this.#now();
    const moves: Move[] = asksOf(this.#open, "change")
      .filter(({ wish }) => wish.change.id === id)
      .map((ask) => ({ change: ask.wish.change, now: ask.startedAt, ask }));
    moves.push({ change: { type: "promote", id }, now }, { change: { type: "expire", id }, now });
    // As early as can be: an instant that the job waits for as well may not have come.
    for (const change of this.#waiting.moves(job)) moves.push({ change, now: 0 });
    // A job that others wait for is canceled before it is removed.
    const isRemoved = asksOf(this.#open, "remove").some(({ wish }) => wish.id === id);
    if (isRemoved) moves.push({ change: { type: "cancel", id, reason: "canceled" }, now });
    for (const ask of this.reserving(job)) {
      // As early as can be: the lease may have ended by now.
      const change = { type: "reserve", id, by: "", leaseMs: ask.wish.leaseMs } as const;
      moves.push({ change, now: ask.startedAt, ask });
    }
    // A bundle that is reset is suspended until its members have ended.
    if (this.#waiting.isBundle(id) && moves.some(({ change }) => change.type === "reset")) {
      const suspend = { type: "suspend", id, token: token + 1, awaits: id } as const;
      moves.push({ change: { type: "reserve", id, by: "" }, now }, { change: suspend, now });
    }
    // A service gives back what nobody took, and at its close what nobody settled.
    const holder = this.#holders.get(`${id} ${token}`);
    if (!holder || holder.closing) moves.push({ change: { type: "release", id, token }, now });
    return moves;
  }

  /** The calls that may reserve the job. */
  reserving({ topic }: JobHead): Ask<Extract<Wish, { type: "reserve" }>>[] {
    return asksOf(this.#open, "reserve").filter(({ wish }) => wish.topic === topic);
  }

  #look(ask: Ask): void {
    const { wish } = ask;
    if (wish.type === "enqueue") ask.refusable ||= this.#lacksBlocker(wish.plans);
    if (wish.type !== "change" && wish.type !== "remove") return;
    const job = this.#known.get(wish.type === "change" ? wish.change.id : wish.id);
    if (job && (wish.type === "remove" || this.#allows(job, wish.change))) ask.allowed = true;
    else ask.refusable = true;
    if (job && wish.type === "change") ask.idle ||= this.#isIdle(job, wish.change);
  }

  /** True when one of the jobs that are to be waited for is gone. */
  #lacksBlocker(plans: readonly JobPlan[]): boolean {
    const blockers = plans.flatMap(({ after }) =>
      (after?.on ?? []).flatMap((label) => this.#waiting.idOf(label) ?? []),
    );
    return blockers.some((id) => !this.#known.has(id));
  }

  #isIdle(job: JobHead, change: Change): boolean {
    const after = transition(job, change, this.#now());
    return isRefusal(after) || wholeStatus(after) === wholeStatus(job);
  }

  #allows(job: JobHead, change: Change): boolean {
    if (isRefusal(transition(job, change, this.#now()))) return false;
    if (change.type !== "reset" || job.unique === undefined) return true;
    for (const other of this.#known.values()) if (other.unique === job.unique && !isFinal(other.state)) return false;
    return true;
  }
}
