import { checkJobId, checkOptions, type JobId, type OptionNames } from "@jobq/core";
import type { TransferProgress } from "./transfer-progress.ts";
import { type TransferSource, transferStore } from "./transfer-store.ts";

/** The options of `exportJobs`. */
export interface ExportOptions {
  /** Only jobs with a greater id: continues after the last line that arrived. */
  readonly after?: JobId | undefined;
  /** Called after every page. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

const EXPORT_OPTIONS: OptionNames<ExportOptions> = { after: true, onProgress: true };

/** Jobs that are read at once. */
const PAGE = 500;

/**
 * Yields every job of a service or store with its notes, as a line of JSON each, sorted by id. Paused topics come
 * first; a job repository alone does not know them. Run no service meanwhile: jobs that change during the export may be
 * missing, or be in it in either state.
 */
export async function* exportJobs(source: TransferSource, options: ExportOptions = {}): AsyncGenerator<string> {
  checkOptions(options, EXPORT_OPTIONS);
  const { jobs, topics } = transferStore(source);
  const { onProgress } = options;
  let { after } = options;
  if (after !== undefined) checkJobId(after, "after");
  for (const { topic, paused } of (await topics?.topics()) ?? []) if (paused) yield JSON.stringify({ paused: topic });
  let count = 0;
  for (;;) {
    const heads = await jobs.find({ limit: PAGE, after });
    const page = (await jobs.get(heads.map(({ id }) => id))).filter((job) => job !== undefined);
    const notes = await Promise.all(page.map(({ id }) => jobs.notes(id)));
    for (const [index, job] of page.entries()) {
      const kept = notes[index] ?? [];
      yield JSON.stringify(kept.length > 0 ? { job, notes: kept } : { job });
    }
    after = heads.at(-1)?.id;
    if (after === undefined) return;
    count += page.length;
    onProgress?.({ jobs: count, last: after });
    if (heads.length < PAGE) return;
  }
}
