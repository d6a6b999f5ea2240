import type { Note } from "@jobq/core";
import type { ModuleContext } from "../module.ts";
import type { WorkflowRun } from "./run/workflow-run.ts";

/** The kind of note for what a replay does not need. */
export const WORKFLOW = "workflow";
const STATUS = "status";

/** The note that keeps what a run says of itself. */
export function statusNote({ context, job }: WorkflowRun, status: unknown): Note {
  return { id: job.id, kind: WORKFLOW, key: STATUS, value: context.encode({ status }), at: context.clock.now() };
}

/** What a run has said of itself last, undefined when it has said nothing. */
export function statusIn(notes: readonly Note[], { decode }: Pick<ModuleContext, "decode">): unknown {
  const note = notes.find(({ key }) => key === STATUS);
  return note && (decode(note.value) as { readonly status?: unknown }).status;
}
