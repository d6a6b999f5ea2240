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
  expires_at: "big",
  unique_key: "key",
  unique_span: "word",
  tags: "text",
  parent: "id",
  group_key: "key",
  limit_key: "key",
  limit_size: "int",
  data: "text",
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
  awaits: "key",
  woken: "small",
  slot: "int",
  links: "int",
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
const { run_at: _5, blockers: _6, awaits: _7, woken: _8, finished_at: _9, reason: _10, ...beyondReady } = beyondClaim;
const { progress: _11, result: _12, ...claimed } = beyondReady;

/** What a job that was just reserved has beyond what follows from the claim, and from being reserved. */
export const CLAIMED_COLUMNS: Shape = claimed;

/** The columns of a shape, as a list for a select, each after the table's alias. */
export function columnList(shape: Shape, alias: string): string {
  return Object.keys(shape)
    .map((name) => `${alias}.${name}`)
    .join(", ");
}
