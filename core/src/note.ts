import type { Timestamp } from "./clock.ts";
import type { JobId } from "./job.ts";

/** Every kind of note there is. */
export const NOTE_KINDS = ["checkpoint", "log"] as const;

/** What a note is for. */
export type NoteKind = (typeof NOTE_KINDS)[number];

/** Something kept with a job under a key; the last write per job, kind and key wins. Goes when the job is removed. */
export interface Note {
  readonly id: JobId;
  readonly kind: NoteKind;
  readonly key: string;
  readonly value: string;
  readonly at: Timestamp;
}
