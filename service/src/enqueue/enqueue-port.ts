import type { Enqueuer } from "./enqueuer.ts";

/** What stores the new jobs that users ask for. */
export type EnqueuePort = Pick<Enqueuer, "enqueue" | "enqueueMany" | "insert" | "throughMiddleware">;
