import type { EnqueueOptions } from "./enqueue-options.ts";

/**
 * As much of a definition as enqueueing by it takes; `defineJob` of `@jobq/service/worker` makes one.
 * @typeParam Payload what callers pass
 */
export interface EnqueueDefinition<Payload = unknown> {
  readonly name: string;
  readonly topic: string;
  /** Defaults for its jobs, which options of a call override. */
  readonly options: Omit<EnqueueOptions, "within">;
  /**
   * The payload as it is stored.
   * @throws {JobqError} PAYLOAD_INVALID
   */
  parse(payload: Payload): unknown;
}

/** True for a definition in place of a topic. */
export function isDefinition(topic: unknown): topic is EnqueueDefinition {
  return typeof topic === "object" && topic !== null && typeof (topic as EnqueueDefinition).parse === "function";
}
