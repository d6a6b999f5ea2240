import type { Shape } from "../dialect/dialect.ts";

/** What is decided at enqueue. */
export const SPEC_COLUMNS = {
  id: "id",
  topic: "key",
  name: "key",
  weight: "small",
  created_at: "big",
  max_retries: "big",
  max_lease_losses: "big",
  timeout_ms: "big",
  backoff_min_ms: "big",
  backoff_max_ms: "big",
  unique_key: "key",
  tags: "text",
  bundle: "id",
} as const satisfies Shape;

/** What transitions change. */
export const STATUS_COLUMNS = {
  state: "word",
  token: "big",
  attempt: "int",
  lease_losses: "int",
  reset_count: "int",
  run_at: "big",
  blockers: "text",
  lease_until: "big",
  reserved_at: "big",
  reserved_by: "text",
  finished_at: "big",
  reason: "word",
  error: "text",
  progress: "text",
} as const satisfies Shape;

/** The large parts, which lists leave out. */
export const PART_COLUMNS = { payload: "long", result: "long" } as const satisfies Shape;

/** A job without its large parts. */
export const HEAD_COLUMNS = { ...SPEC_COLUMNS, ...STATUS_COLUMNS } as const;

/** All of a job. */
export const JOB_COLUMNS = { ...HEAD_COLUMNS, ...PART_COLUMNS } as const;

const { state: _1, lease_until: _2, reserved_at: _3, reserved_by: _4, ...beyondClaim } = JOB_COLUMNS;
const { run_at: _5, blockers: _6, finished_at: _7, reason: _8, progress: _9, result: _10, ...claimed } = beyondClaim;

/** What a job that was just reserved has beyond what follows from the claim, and from being reserved. */
export const CLAIMED_COLUMNS: Shape = claimed;

/** The columns of a shape, as a list for a select, each after the table's alias. */
export function columnList(shape: Shape, alias: string): string {
  return Object.keys(shape)
    .map((name) => `${alias}.${name}`)
    .join(", ");
}

/** States that keep a unique key. */
export const LIVE = "('delayed', 'ready', 'reserved')";

/** Over a row `j`: a delayed job that waits for an instant alone. */
export const DUE = "j.state = 'delayed' and j.blockers is null and j.run_at is not null";
