import type { Timestamp } from "./clock.ts";
import type { JobId } from "./job.ts";

/**
 * What a note is for: 1 to 32 lower-case letters, digits and hyphens. `checkpoint` and `log` are the service's own, as
 * are `link`, `attempt` and `signal`; modules use others.
 */
export type NoteKind = string;

/** Matches a valid {@link NoteKind}. */
export const NOTE_KIND = /^[a-z0-9-]{1,32}$/;

/** Identifies a note. */
export interface NoteRef {
  readonly id: JobId;
  readonly kind: NoteKind;
  /** 1 to 255 characters. */
  readonly key: string;
}

/** Data stored with a job under a key. The last write per job, kind and key wins. Deleted with the job. */
export interface Note extends NoteRef {
  readonly value: string;
  readonly at: Timestamp;
}
