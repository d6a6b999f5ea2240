import type { JobId, Note } from "@jobq/core";

/** The lines that holders have asked to log, each its own, and those that were acknowledged. */
export class LoggedLines {
  readonly #asked = new Map<JobId, Set<string>>();
  readonly #acknowledged = new Map<JobId, Set<string>>();
  #count = 0;

  /** A line to log with the job. */
  next(id: JobId): string {
    const line = `line ${++this.#count}`;
    this.#asked.set(id, (this.#asked.get(id) ?? new Set()).add(line));
    return line;
  }

  /** It was told to be stored. */
  acknowledged(id: JobId, line: string): void {
    this.#acknowledged.set(id, (this.#acknowledged.get(id) ?? new Set()).add(line));
  }

  /** What is wrong with the lines that are stored; undefined where nothing is. */
  wrong(id: JobId, notes: readonly Note[]): string | undefined {
    const lines = notes.map(({ value }) => value);
    const lost = [...(this.#acknowledged.get(id) ?? [])].find((line) => !lines.includes(line));
    if (lost !== undefined) return `lost ${lost}, which is acknowledged`;
    const strange = lines.find((line, index) => !this.#asked.get(id)?.has(line) || lines.indexOf(line) !== index);
    return strange === undefined ? undefined : `${strange} twice, or by nobody`;
  }
}
