import type { Change, JobId, Timestamp, Topic } from "@jobq/core";
import type { Gate } from "./gate.ts";
import type { JobPlan } from "./script.ts";

/** What was asked for. */
export type Wish =
  | { readonly type: "enqueue"; readonly plans: readonly JobPlan[] }
  | { readonly type: "reserve"; readonly topic: Topic; readonly leaseMs: number | undefined; readonly limit: number }
  /** A change of one job; as its holder, when the change has a token. */
  | { readonly type: "change"; readonly change: Change }
  | { readonly type: "remove"; readonly id: JobId }
  /** Something that moves no job. */
  | { readonly type: "other" };

/** A call of a service that has been made, and what has been seen of it while it was open. */
export interface Ask<W extends Wish = Wish> {
  readonly wish: W;
  readonly gate: Gate;
  readonly startedAt: Timestamp;
  /** For people. */
  readonly what: string;
  /** The caller has heard; what was asked for may still be on its way while its process closes. */
  answered: boolean;
  /** What it asks for may have happened. */
  seen: boolean;
  /** There was a moment at which it was allowed. */
  allowed: boolean;
  /** There was a moment at which it was not. */
  refusable: boolean;
  /** There was a moment at which it would have changed nothing. */
  idle: boolean;
}

/** The asks of one kind among these. */
export function asksOf<T extends Wish["type"]>(asks: Iterable<Ask>, type: T): Ask<Extract<Wish, { type: T }>>[] {
  return [...asks].filter((ask): ask is Ask<Extract<Wish, { type: T }>> => ask.wish.type === type);
}
