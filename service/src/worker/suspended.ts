/**
 * What a handler resolves with that has let go of its job until something comes, as a run of a workflow does that waits:
 * the job is neither done nor failed. Middleware gets it of `next`, and passes it on.
 */
export const SUSPENDED: unique symbol = Symbol.for("jobq.suspended");
