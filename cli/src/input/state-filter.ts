import { CANCEL_REASONS, type CancelReason, JOB_STATES, type JobState, wrongType } from "@jobq/core";

/** Jobs that one question to a store finds. */
export interface StateFilter {
  readonly state?: JobState;
  readonly reason?: CancelReason;
  /** Set where only those are meant that have been tried. */
  readonly tried?: true;
}

/** Names that are not those of states: of dashboards and of the HTTP API. */
const OTHERS: Readonly<Record<string, readonly StateFilter[]>> = {
  pending: [{ state: "ready" }],
  running: [{ state: "reserved" }],
  retrying: [{ state: "delayed", tried: true }],
  completed: [{ state: "done" }],
  cancelled: [{ state: "canceled", reason: "canceled" }],
  failed: canceledBy("rejected", "dependency"),
  dead: canceledBy("exhausted", "poison", "expired"),
  dead_letter: canceledBy("exhausted", "poison", "expired"),
};

/** Every name of a state that options take. */
export const STATE_NAMES: readonly string[] = [...JOB_STATES, ...CANCEL_REASONS.slice(1), ...Object.keys(OTHERS)];

/**
 * What the names of states and reasons stand for; everything when there are none.
 * @throws {TypeError} a name that there is not
 */
export function stateFilters(names: readonly string[] | undefined): readonly StateFilter[] {
  if (!names || names.length === 0) return [{}];
  return [...new Set(names.flatMap((name) => name.split(",")))].flatMap((name) => {
    if ((JOB_STATES as readonly string[]).includes(name)) return [{ state: name as JobState }];
    const others = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined;
    if (others) return others;
    if ((CANCEL_REASONS as readonly string[]).includes(name)) return canceledBy(name as CancelReason);
    throw wrongType("--state", `one of ${STATE_NAMES.join(", ")}`, name);
  });
}

function canceledBy(...reasons: readonly CancelReason[]): readonly StateFilter[] {
  return reasons.map((reason) => ({ state: "canceled", reason }));
}
