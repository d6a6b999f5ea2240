export { defineWorkflow, type WorkflowDefinition, type WorkflowOptions } from "./define-workflow.ts";
export type { WorkflowLimitEvent } from "./run/run-limits.ts";
export type { WorkflowCode } from "./run-turn.ts";
export type { StepOptions } from "./steps/step-options.ts";
export type { StepTry, WorkflowContext } from "./workflow-context.ts";
export type { Determinism } from "./workflow-settings.ts";
