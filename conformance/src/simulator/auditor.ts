import { isFinal, type JobHead, type JobId, JobqError, type JobRepository, type Timestamp } from "@jobq/core";
import { type Ask, asksOf, type Wish } from "./ask.ts";
import { type Move, pathTo, statusWithoutCounts, wholeStatus } from "./explain.ts";
import type { Gate } from "./gate.ts";
import { LoggedLines } from "./logged-lines.ts";
import { OpenCalls } from "./open-calls.ts";
import type { JobPlan } from "./script.ts";
import { type Promised, Violation } from "./violation.ts";
import { limitOf, Waiting } from "./waiting.ts";

/** A reservation as it was handed out. */
export interface Handed {
  readonly id: JobId;
  readonly token: number;
  readonly attempt: number;
}

const EVERYTHING = 100_000;

/** Codes that say no to a request, as opposed to failures. */
const REFUSALS = ["JOB_NOT_FOUND", "LEASE_LOST", "INVALID_STATE", "DUPLICATE_JOB"];

/**
 * The reference model. It sees the jobs after every write and knows every call that is open: each change it sees must be
 * a path of the state machine made of what was asked for, and each answer must be true of what it saw.
 */
export class Auditor {
  readonly openCalls: OpenCalls;
  /** What holders have logged. */
  readonly logs = new LoggedLines();
  readonly #jobs: JobRepository;
  readonly #now: () => Timestamp;
  readonly #known = new Map<JobId, JobHead>();
  readonly #waiting = new Waiting();
  /** Every job ever seen, also those that are gone. */
  readonly #ever = new Map<JobId, JobHead>();
  /** The attempt of each reservation there was, by id and token; undefined where that was not to be seen. */
  readonly #reservations = new Map<string, number | undefined>();
  #violation: Violation | undefined;

  /** @param jobs the truth, read without the knowledge of any process */
  constructor(jobs: JobRepository, now: () => Timestamp) {
    this.#jobs = jobs;
    this.#now = now;
    this.openCalls = new OpenCalls(this.#known, this.#waiting, now);
  }

  /** The jobs as they were seen last. */
  get known(): ReadonlyMap<JobId, JobHead> {
    return this.#known;
  }

  /** The first promise that was broken. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  violate(promised: Promised, message: string): void {
    this.#violation ??= new Violation(promised, message);
  }

  /** Looks at every job after something was written. */
  async observe(): Promise<void> {
    const heads = await this.#jobs.find({ limit: EVERYTHING });
    const ids = new Set(heads.map(({ id }) => id));
    for (const job of this.#known.values()) if (!ids.has(job.id)) this.#vanished(job);
    const fresh = heads.filter(({ id }) => !this.#known.has(id));
    for (const job of heads) this.#seen(job);
    if (fresh.length > 0) this.#appeared(fresh);
    this.#checkUnique();
    this.#checkLimits();
    this.openCalls.look();
  }

  /** The id of the job of that label, also of one that is gone. */
  idOf(label: string): JobId | undefined {
    return this.#waiting.idOf(label);
  }

  /** Compares the store's own counts with the jobs. */
  async checkTally(): Promise<void> {
    const counts = new Map<string, number>();
    for (const { topic, state } of this.#known.values()) {
      counts.set(`${topic} ${state}`, (counts.get(`${topic} ${state}`) ?? 0) + 1);
    }
    const tally = await this.#jobs.tally();
    const same = tally.length === counts.size && tally.every((t) => counts.get(`${t.topic} ${t.state}`) === t.count);
    if (!same) this.violate("tally", `${JSON.stringify(tally)} of ${JSON.stringify([...counts])}`);
  }

  /** The call was answered: what it says must be so. */
  acknowledged(ask: Ask): void {
    this.openCalls.end(ask);
    if (ask.wish.type === "change") this.#acknowledgedChange(ask, ask.wish);
    if (ask.wish.type === "remove" && !ask.seen) this.violate("P1 durable", `${ask.what} is acknowledged, not done`);
  }

  /** The enqueue was answered with these ids. */
  enqueued(ask: Ask, plans: readonly JobPlan[], ids: readonly JobId[]): void {
    this.openCalls.end(ask);
    for (const [index, plan] of plans.entries()) {
      const job = this.#ever.get(ids[index] as JobId);
      if (!job) this.violate("P1 durable", `${plan.label} is acknowledged as ${ids[index]}, which is nowhere`);
      else if (job.name !== plan.label && (plan.unique === undefined || job.unique !== plan.unique))
        this.violate("P8 unique", `${plan.label} is said to be ${job.name}`);
    }
  }

  /** The reserve was answered with these reservations. */
  reserved(ask: Ask, handed: readonly Handed[]): void {
    this.openCalls.end(ask);
    for (const { id, token, attempt } of handed) {
      const name = this.#ever.get(id)?.name ?? id;
      const key = `${id} ${token}`;
      const seen = this.#reservations.get(key);
      if (!this.#reservations.has(key))
        this.violate("P2 one holder", `${name} is handed out with token ${token}, unreserved`);
      else if (seen !== undefined && seen !== attempt)
        this.violate("P7 no attempt lost", `${name} is handed out as attempt ${attempt}`);
      if (!this.openCalls.handOut(id, token, ask.gate))
        this.violate("P2 one holder", `${name} is handed out twice with token ${token}`);
    }
  }

  /** The call failed: a refusal must have had a reason, and anything else a failing store. */
  failed(ask: Ask, error: unknown, storesFail: boolean): void {
    const code = error instanceof JobqError ? error.code : undefined;
    const { wish, gate } = ask;
    this.openCalls.end(ask, code === "CLOSED" && gate.closing !== undefined);
    if (gate.closing && (code === "CLOSED" || code === "LEASE_LOST")) return;
    if (code !== undefined && REFUSALS.includes(code)) this.#refused(ask, wish, code);
    else if (code === undefined || !storesFail) this.violate("errors", `${ask.what}: ${error}`);
  }

  #refused(ask: Ask, wish: Wish, code: string): void {
    const held = wish.type === "change" && "token" in wish.change;
    // A handle refuses by itself while it is being settled.
    if (ask.refusable || (held && code === "INVALID_STATE")) return;
    const movesJobs = wish.type === "change" || wish.type === "remove";
    const promised: Promised = held ? "P2 one holder" : movesJobs ? "P6 whole units" : "errors";
    this.violate(promised, `${ask.what} is refused as ${code} without a reason`);
  }

  #acknowledgedChange(ask: Ask, { change }: Extract<Wish, { type: "change" }>): void {
    const held = "token" in change;
    if (held && !ask.allowed) this.violate("P2 one holder", `${ask.what} is acknowledged to a stale holder`);
    const isSeen = ask.seen || (change.type === "wake" ? ask.idle : change.type === "extend");
    if (!isSeen) this.violate("P1 durable", `${ask.what} is acknowledged, but never happened`);
  }

  #vanished(job: JobHead): void {
    this.#known.delete(job.id);
    const removals = asksOf(this.openCalls.open, "remove").filter(({ wish }) => wish.id === job.id);
    // What else was asked for may have happened just before.
    const changes = asksOf(this.openCalls.open, "change").filter(({ wish }) => wish.change.id === job.id);
    for (const ask of [...removals, ...changes]) ask.seen = true;
    if (removals.length === 0) this.violate("P1 durable", `${job.name} (${job.state}) is gone`);
    this.#waiting.gone(job);
    if (this.openCalls.reserving(job).length > 0) this.#reservations.set(`${job.id} ${job.token + 1}`, undefined);
  }

  #seen(job: JobHead): void {
    const before = this.#known.get(job.id) ?? this.#planned(job);
    if (before) this.#checkMove(before, job);
    this.#known.set(job.id, job);
    this.#ever.set(job.id, job);
    this.#waiting.seen(job);
  }

  /** The job as its enqueue would have left it. */
  #planned(job: JobHead): JobHead {
    const ask = asksOf(this.openCalls.open, "enqueue").find(({ wish }) => wish.plans.some((p) => p.label === job.name));
    const plan = ask?.wish.plans.find(({ label }) => label === job.name);
    if (!plan) this.violate("P6 whole units", `${job.name} appears, though nobody asks for it`);
    if (plan && (plan.topic !== job.topic || plan.weight !== job.weight || plan.unique !== job.unique))
      this.violate("P6 whole units", `${job.name} is not what was asked for`);
    const status = { token: 0, attempt: 0, leaseLosses: 0, resetCount: 0, leaseUntil: undefined, reason: undefined };
    if (!plan) return { ...job, ...status };
    const runAt = plan.delayMs > 0 ? job.createdAt + plan.delayMs : undefined;
    const limit = limitOf(plan);
    const waits = { runAt, ...this.#waiting.begin(job, plan) };
    const isDelayed = (runAt ?? waits.blockers ?? waits.awaits ?? limit) !== undefined;
    const none = { woken: undefined, slot: undefined };
    return { ...job, ...status, ...none, ...waits, limit, state: isDelayed ? "delayed" : "ready" };
  }

  #checkMove(before: JobHead, job: JobHead): void {
    if (wholeStatus(before) !== wholeStatus(job)) this.#explain(before, job);
    if (job.state === "reserved" && !this.#leaseIsRight(before, job))
      this.violate("P2 one holder", `${job.name}: its lease, now until ${job.leaseUntil}, is not what was asked for`);
  }

  #explain(before: JobHead, job: JobHead): void {
    const moves = this.openCalls.moves(before);
    const path = pathTo(before, job, moves, wholeStatus);
    if (!path) {
      const what = `${job.name} went from ${describe(before)} to ${describe(job)}, which nobody asked for`;
      this.violate(brokenBy(before, job, moves), what);
      return;
    }
    const types = new Set(path.map(({ move }) => move.change.type));
    for (const { change, ask } of moves) if (ask && types.has(change.type)) ask.seen = true;
    for (const { job: stage } of path) {
      this.#waiting.seen(stage);
      if (stage.state === "reserved") this.#reservations.set(`${stage.id} ${stage.token}`, stage.attempt);
    }
  }

  #leaseIsRight(before: JobHead, job: JobHead): boolean {
    const { leaseUntil = 0, token } = job;
    if (before.state === "reserved" && before.token === token) {
      if (before.leaseUntil === leaseUntil) return true;
      return leaseUntil > (before.leaseUntil ?? 0) && this.#extends(job);
    }
    return this.openCalls.reserving(job).some(({ wish, startedAt }) => {
      const reservedAt = leaseUntil - (wish.leaseMs ?? job.timeoutMs);
      return reservedAt >= startedAt && reservedAt <= this.#now();
    });
  }

  #extends({ id, token }: JobHead): boolean {
    return asksOf(this.openCalls.open, "change").some(
      ({ wish: { change } }) => change.type === "extend" && change.id === id && change.token === token,
    );
  }

  /** The jobs of one enqueue appear together, but for those whose unique key is held. */
  #appeared(fresh: readonly JobHead[]): void {
    const labels = new Set(fresh.map(({ name }) => name));
    for (const ask of asksOf(this.openCalls.open, "enqueue")) {
      const missing = ask.wish.plans.filter(({ label }) => !labels.has(label));
      if (missing.length === ask.wish.plans.length) continue;
      if (ask.seen) this.violate("P6 whole units", `${ask.what} is stored a second time`);
      ask.seen = true;
      for (const { label, unique } of missing) {
        if (unique === undefined) this.violate("P6 whole units", `${label} is missing of ${ask.what}`);
      }
    }
  }

  #checkUnique(): void {
    const holders = new Map<string, string>();
    for (const { unique, state, name } of this.#known.values()) {
      if (unique === undefined || isFinal(state)) continue;
      const holder = holders.get(unique);
      if (holder !== undefined) this.violate("P8 unique", `${holder} and ${name} both hold ${unique}`);
      holders.set(unique, name);
    }
  }

  /** No more jobs than it may be hold slots of a limit, each its own. */
  #checkLimits(): void {
    const slots = new Map<string, JobHead[]>();
    for (const job of this.#known.values()) {
      if (!job.limit || job.slot === undefined) continue;
      const holders = slots.get(job.limit.key) ?? [];
      slots.set(job.limit.key, [...holders, job]);
      const other = holders.find(({ slot }) => slot === job.slot);
      if (other) this.violate("P14 limits", `${other.name} and ${job.name} both have slot ${job.slot}`);
      if (holders.length >= job.limit.concurrency)
        this.violate("P14 limits", `${holders.length + 1} jobs are admitted to ${job.limit.key}`);
    }
  }

  /** Compares the lines that are stored with those that were logged. */
  async checkLogs(): Promise<void> {
    for (const { id, name } of this.#ever.values()) {
      const lines = await this.#jobs.notes(id, "log");
      const isThere = this.#known.has(id);
      const wrong = isThere ? this.logs.wrong(id, lines) : lines.length > 0 && "lines, though the job is gone";
      if (wrong) this.violate("notes", `${name} has ${wrong}`);
    }
  }

  /** Nothing that was asked of the process may be left unanswered now. */
  checkAnswered(gate: Gate): void {
    for (const ask of this.openCalls.open)
      if (ask.gate === gate && !ask.answered) this.violate("answers", `${ask.what} is never answered`);
  }
}

/** The promise that a change which no moves explain has broken. */
function brokenBy(before: JobHead, after: JobHead, moves: readonly Move[]): Promised {
  if (isFinal(before.state)) return "P4 final";
  if (before.slot === undefined && after.slot !== undefined) return "P14 limits";
  if (before.state === "delayed" && (before.blockers ?? before.awaits) !== undefined) return "P11 waits";
  if (before.woken !== after.woken) return "P11 waits";
  if (moves.some(({ change }) => "token" in change && (change.token ?? before.token) < before.token))
    return "P2 one holder";
  return pathTo(before, after, moves, statusWithoutCounts) ? "P7 no attempt lost" : "P2 one holder";
}

function describe({ state, token, attempt, leaseLosses, resetCount, reason }: JobHead): string {
  const counts = `token ${token}, attempt ${attempt}, losses ${leaseLosses}, resets ${resetCount}`;
  return `${state}${reason === undefined ? "" : ` (${reason})`} [${counts}]`;
}
