/** How a replay is held to what is recorded. */
export type Determinism = "explicit" | "strict" | "bestEffort";

/** How a workflow is run: what its definition says, and where it says nothing, its service. */
export interface WorkflowSettings {
  readonly determinism: Determinism;
}
