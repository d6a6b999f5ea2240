/**
 * The value of `next()` in middleware if the handler has suspended its job, as a run of a workflow does while it waits.
 * The job is neither done nor failed; pass the value on.
 */
export const SUSPENDED: unique symbol = Symbol.for("jobq.suspended");
