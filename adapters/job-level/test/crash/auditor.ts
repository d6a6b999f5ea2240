import type { JobId } from "@jobq/core";
import { Life } from "./life.ts";
import type { Report } from "./report.ts";

type Of<Op extends Report["op"]> = Extract<Report, { readonly op: Op }>;

/** Follows what processes report, one after the other, and notes whatever breaks a promise. */
export class Auditor {
  readonly violations: string[] = [];
  readonly lives = new Map<number, Life>();
  /** How often each thing was reported. */
  readonly counts: Record<string, number> = {};
  readonly #byId = new Map<JobId, Life>();
  /** Begun for ids whose number no report has named yet. */
  readonly #early = new Map<JobId, ("remove" | "cancel by others")[]>();

  /** The first business number that nobody has used. */
  get next(): number {
    return this.lives.size;
  }

  /** The job with this id, if a report has named it. */
  lifeOf(id: JobId): Life | undefined {
    return this.#byId.get(id);
  }

  readonly read = (report: Report): void => {
    const answered = "ids" in report || "jobs" in report || ("ok" in report && report.ok);
    if (answered) this.counts[report.op] = (this.counts[report.op] ?? 0) + 1;
    if (report.op === "enqueue") this.#enqueue(report);
    else if (report.op === "reserve") this.#reserve(report);
    else if (report.op === "settle") this.#settle(report);
    else if (report.op === "cancel" || report.op === "remove") this.#meddle(report);
    else if (report.op === "fault") this.violate(report.text);
  };

  /** Notes that a promise was broken. */
  violate(what: string): void {
    this.violations.push(what);
  }

  /** The job has this id. */
  identify(life: Life, id: JobId): void {
    if (life.id === id) return;
    if (life.id !== undefined || this.#byId.has(id)) this.violate(`${life} has another id as well: ${id}`);
    life.id = id;
    this.#byId.set(id, life);
    for (const what of this.#early.get(id) ?? []) life.begun.add(what);
  }

  #enqueue({ numbers, runAt, unique, ids, duplicate }: Of<"enqueue">): void {
    for (const [index, number] of numbers.entries()) {
      const life = this.lives.get(number) ?? new Life(number, numbers, unique, runAt ?? 0);
      this.lives.set(number, life);
      const id = ids?.[index];
      if (id === undefined) continue;
      life.acknowledged = true;
      if (duplicate) life.duplicateOf = id;
      else this.identify(life, id);
    }
  }

  #reserve({ askedAt, answeredAt, leaseMs, jobs }: Of<"reserve">): void {
    for (const { id, number, token } of jobs) {
      const life = this.lives.get(number);
      if (!life) {
        this.violate(`job ${number} (${id}) was reserved, which nobody enqueued`);
        continue;
      }
      this.identify(life, id);
      // One that others cancel while it is on its way to whoever reserved it still arrives.
      if (life.endedAt < askedAt) this.violate(`${life} was reserved again, with token ${token}`);
      if (token <= life.lastToken) this.violate(`${life} was reserved again with token ${token}`);
      if (life.held && answeredAt < life.held.until) {
        this.violate(`${life} was reserved at ${answeredAt}, within a lease that lasts until ${life.held.until}`);
      }
      if (answeredAt < life.runAt) this.violate(`${life} was reserved at ${answeredAt}, before ${life.runAt}`);
      life.runAt = 0;
      life.lastToken = token;
      life.held = { token, until: askedAt + leaseMs };
    }
  }

  #settle({ how, id, token, delayMs, at, ok, answeredAt }: Of<"settle">): void {
    const life = this.#byId.get(id);
    if (!life) {
      this.violate(`${id} was settled, which nobody reserved`);
      return;
    }
    const { held } = life;
    const isCurrent = life.lastToken === token;
    if (ok === undefined) {
      life.begun.add(how);
      // From now on the reservation may be over, which only the answer can take back.
      if (isCurrent && held) life.held = { token, until: 0 };
    } else if (ok) {
      if (how === "done" || how === "cancel") this.#end(life, how === "done" ? "done" : "canceled", answeredAt);
      else if (isCurrent && how === "retry") life.runAt = at + delayMs;
      if (isCurrent) life.held = undefined;
    }
  }

  #meddle({ op, id, ok, answeredAt }: Of<"cancel" | "remove">): void {
    const life = this.#byId.get(id);
    const what = op === "remove" ? "remove" : "cancel by others";
    if (!life) {
      this.#early.set(id, [...(this.#early.get(id) ?? []), what]);
      return;
    }
    life.begun.add(what);
    if (ok) this.#end(life, op === "remove" ? "removed" : "canceled", answeredAt);
  }

  #end(life: Life, how: "done" | "canceled" | "removed", at = Date.now()): void {
    if (life.ended !== undefined && (how !== "removed" || life.ended === "removed")) {
      this.violate(`${life} ended once more: ${how}`);
    }
    life.ended = how;
    life.endedAt = Math.min(life.endedAt, at);
  }
}
