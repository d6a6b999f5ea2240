import { idGenerator, type ManualClock } from "@jobq/core";
import { createService, type JobService } from "@jobq/service";
import type { Gate } from "./gate.ts";
import { gatedStores, type Stores } from "./gated-stores.ts";
import type { Random } from "./random.ts";

/** How often a process that shares its stores looks for lost entries. */
export const RECOVERY_MS = 60_000;

/** The payload of every job: its label, once more. */
export interface LabelPayload {
  readonly label: string;
}

/** A service over stores of which every call goes through a gate. */
export interface Process {
  readonly gate: Gate;
  readonly service: JobService;
  /** Its own way to the stores, without the gate. */
  readonly stores: Stores;
}

/** Starts a service; its ids and its randomness come from `random`. */
export function startProcess(found: Stores, gate: Gate, clock: ManualClock, random: Random, shared: boolean): Process {
  const { jobs, topics } = found;
  const stores = { jobs, topics: topics.fuse?.(jobs)?.topics ?? topics }; // fused ones may be others
  const service = createService({
    ...gatedStores(stores, gate, clock, shared),
    newId: idGenerator((bytes) => random.fill(bytes)),
    random: () => random.next(),
    defaults: { backoff: { min: "1s", max: "8s" } },
    recoveryInterval: RECOVERY_MS,
  });
  return { gate, service, stores };
}
