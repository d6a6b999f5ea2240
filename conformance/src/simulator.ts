export type { Stores } from "./simulator/gated-stores.ts";
export type { Act, AdminDeed, FaultKind, HolderDeed, JobPlan, Step } from "./simulator/script.ts";
export {
  SimulationFailure,
  type SimulationOptions,
  type SimulationReport,
  simulate,
  simulateMany,
} from "./simulator/simulate.ts";
export type { Site } from "./simulator/site.ts";
export { type Promised, Violation } from "./simulator/violation.ts";
