import type { Note } from "@jobq/core";
import { CHECKPOINT } from "../record/checkpoint.ts";
import type { Journal } from "../record/journal.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";

/** As many results are kept in the checkpoint itself, and in each page beside it. */
const PAGE = 500;

/** Results as they are kept: in the checkpoint where they are few, else in notes that are read when they are asked for. */
export function writePages(
  run: WorkflowRun,
  key: string,
  results: readonly unknown[],
): { readonly value: unknown; readonly notes: readonly Note[] } {
  if (results.length <= PAGE) return { value: results, notes: [] };
  const notes: Note[] = [];
  const at = run.context.clock.now();
  for (let from = 0; from < results.length; from += PAGE) {
    const value = run.context.encode(results.slice(from, from + PAGE), "result");
    notes.push({ id: run.job.id, kind: CHECKPOINT, key: pageKey(key, notes.length), value, at });
  }
  return { value: undefined, notes };
}

/** The results that pages hold. */
export function readPages(journal: Journal, key: string, pages: number): unknown[] {
  return Array.from({ length: pages }, (_, page) => journal.other(pageKey(key, page)) as unknown[]).flat();
}

function pageKey(key: string, page: number): string {
  return `${key}/${String(page).padStart(4, "0")}`;
}
