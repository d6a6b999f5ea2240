import type { Topic } from "@jobq/core";

/** A job that a script enqueues. Its label is also its name, by which the auditor recognises it. */
export interface JobPlan {
  readonly label: string;
  readonly topic: Topic;
  readonly weight: number;
  readonly delayMs: number;
  readonly unique?: string;
  readonly maxRetries: number;
  readonly maxLeaseLosses: number;
  readonly timeoutMs: number;
  readonly after?: AfterPlan;
  /** The key of its limit: `l1` has a concurrency of one, `l2` of two. */
  readonly limit?: keyof typeof LIMITS;
  /** Set on the job that ends a bundle: what happens to the others when a member is canceled. */
  readonly bundle?: "continue" | "cancel";
  /** The label of the end of the bundle that it is a member of; that job is enqueued before it. */
  readonly memberOf?: string;
}

/** Which jobs one waits for, by their labels: they were stored before, or come before it in the same call. */
export interface AfterPlan {
  readonly on: readonly string[];
  readonly need: "all" | "any";
  readonly onCanceled: "cancel" | "run";
}

/** How many live jobs of each limit may be admitted. */
export const LIMITS = { l1: 1, l2: 2 } as const;

/** How a call of a port goes wrong: it fails, or its process dies, before or after the store has done it. */
export type FaultKind = "fail before" | "fail after" | "die before" | "die after";

/** An operation of a holder on its reservation. */
export type HolderDeed = "done" | "retry" | "cancel" | "release" | "extend" | "log" | "progress" | "suspend";

/** An operation on a job by an operator, without a reservation. */
export type AdminDeed = "cancel" | "reset" | "remove" | "wake";

/** An event of a script; `process` says in which process it happens. */
export type Act =
  /** Several jobs go as one unit; if the first is the end of a bundle, as that bundle. */
  | { readonly type: "enqueue"; readonly process: number; readonly jobs: readonly JobPlan[] }
  | {
      readonly type: "reserve";
      readonly process: number;
      readonly topic: Topic;
      readonly limit: number;
      readonly waitMs: number;
      readonly leaseMs?: number;
    }
  /** By the one who got the reservation with this token, in time or late. */
  | {
      readonly type: "hold";
      readonly deed: HolderDeed;
      readonly label: string;
      readonly token: number;
      readonly ms?: number;
    }
  | { readonly type: "admin"; readonly process: number; readonly deed: AdminDeed; readonly label: string }
  | { readonly type: "pause"; readonly process: number; readonly topic: Topic; readonly paused: boolean }
  | { readonly type: "advance"; readonly ms: number }
  /** The `call`-th call of a port from here on goes wrong. */
  | { readonly type: "fault"; readonly process: number; readonly kind: FaultKind; readonly call: number }
  | { readonly type: "kill"; readonly process: number }
  | { readonly type: "close"; readonly process: number; readonly deadlineMs: number };

/** An event, and how far the stores get before the next one. */
export interface Step {
  /** Its number in the script before that was shortened. */
  readonly number: number;
  readonly act: Act;
  /** Rounds of port calls that are answered before the next event; undefined: until none is open. */
  readonly rounds?: number;
  /** Decides the order in which port calls are answered; 0 is the order of the calls. */
  readonly salt: number;
}

/** The script, one line a step. */
export function printScript(steps: readonly Step[]): string {
  return steps.map(printStep).join("\n");
}

function printStep({ number, act, rounds, salt }: Step): string {
  const pace = `${rounds === undefined ? "until quiet" : `${rounds} rounds`}${salt === 0 ? "" : `, order ${salt}`}`;
  return `${String(number).padStart(4)}  ${printAct(act)}  (${pace})`;
}

function printAct(act: Act): string {
  switch (act.type) {
    case "enqueue":
      return `p${act.process} enqueue ${act.jobs.map(printPlan).join(" + ")}`;
    case "reserve": {
      const lease = act.leaseMs === undefined ? "" : ` lease ${act.leaseMs}`;
      return `p${act.process} reserve ${act.limit} of ${act.topic} wait ${act.waitMs}${lease}`;
    }
    case "hold":
      return `holder of ${act.label} token ${act.token}: ${act.deed}${act.ms === undefined ? "" : ` ${act.ms}`}`;
    case "admin":
      return `p${act.process} ${act.deed} ${act.label}`;
    case "pause":
      return `p${act.process} ${act.paused ? "pause" : "resume"} ${act.topic}`;
    case "advance":
      return `advance ${act.ms}`;
    case "fault":
      return `p${act.process} call ${act.call} from here: ${act.kind}`;
    case "kill":
      return `p${act.process} dies`;
    case "close":
      return `p${act.process} close within ${act.deadlineMs}`;
  }
}

function printPlan(plan: JobPlan): string {
  const { label, topic, weight, delayMs, unique, maxRetries, maxLeaseLosses, timeoutMs, after, limit } = plan;
  const some = [
    weight !== 0 && `weight ${weight}`,
    delayMs > 0 && `delay ${delayMs}`,
    unique !== undefined && `unique ${unique}`,
    `retries ${maxRetries}`,
    `losses ${maxLeaseLosses}`,
    `timeout ${timeoutMs}`,
    after && `after ${after.need} of ${after.on.join(" ")}, if one is canceled ${after.onCanceled}`,
    limit !== undefined && `limit ${limit}`,
    plan.bundle !== undefined && `end of a bundle, if a member is canceled ${plan.bundle}`,
    plan.memberOf !== undefined && `member of ${plan.memberOf}`,
  ];
  return `${label} on ${topic} [${some.filter(Boolean).join(", ")}]`;
}
