import { type Job, JobqError, type Note, received } from "@jobq/core";

/** One line of an export. */
export interface ExportLine {
  readonly job: Job;
  readonly notes?: readonly Note[];
}

/**
 * What a line says.
 * @throws {JobqError} PAYLOAD_INVALID not a line of an export
 */
export function parseLine(line: string): ExportLine {
  try {
    const parsed = JSON.parse(line) as Partial<ExportLine>;
    if (typeof parsed.job?.id === "string" && typeof parsed.job.payload === "string") return parsed as ExportLine;
  } catch {
    // said below, as for any other text
  }
  throw new JobqError("PAYLOAD_INVALID", `a line of an export must be JSON with a job, got ${received(line)}`);
}
