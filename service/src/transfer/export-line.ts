import { type Job, JobqError, NOTE_KIND, type Note, received, wrongType } from "@jobq/core";
import { checkJob } from "./check-job.ts";
import { checkFields, type FieldChecks, instant, text } from "./field-checks.ts";

/** A job with what is kept with it: one line of an export. */
export interface JobLine {
  readonly job: Job;
  readonly notes?: readonly Note[];
}

/** One line of an export: a topic that is paused, or a job. */
export type ExportLine = JobLine | { readonly paused: string };

/**
 * What a line says, checked whole.
 * @param number counted from 1, for the message
 * @throws {JobqError} PAYLOAD_INVALID not a line of an export; the message names the line and the field
 */
export function parseLine(line: string, number: number): ExportLine {
  try {
    return checkLine(JSON.parse(line));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? `must be JSON, got ${received(line)}` : (cause as Error).message;
    throw new JobqError("PAYLOAD_INVALID", `line ${number} of the import: ${why}`, {
      cause,
      details: { line: number },
    });
  }
}

function checkLine(value: unknown): ExportLine {
  if (typeof value !== "object" || value === null) throw wrongType("the line", "an object", value);
  const { job, notes = [], paused, ...others } = value as Partial<JobLine> & { readonly paused?: string };
  const [other] = Object.keys(others);
  if (other !== undefined) throw new TypeError(`${other} must not be there`);
  if (paused !== undefined) {
    text(1, 255)(paused, "paused");
    if (job !== undefined) throw wrongType("job", "left out where a topic is paused", job);
    return { paused };
  }
  if (!Array.isArray(notes)) throw wrongType("notes", "an array", notes);
  const checked = checkJob(job);
  for (const [index, note] of notes.entries()) checkNote(note, checked.id, `notes[${index}]`);
  return { job: checked, notes };
}

function checkNote(note: unknown, jobId: string, what: string): void {
  const checks: FieldChecks<Note> = {
    id(value, field) {
      if (value !== jobId) throw wrongType(field, `the id of the job, ${jobId}`, value);
    },
    kind(value, field) {
      if (typeof value !== "string" || !NOTE_KIND.test(value)) throw wrongType(field, "a kind of note", value);
    },
    key: text(1, 255),
    value: text(0, Number.POSITIVE_INFINITY),
    at: instant,
  };
  checkFields<Note>(note, checks, what);
}
