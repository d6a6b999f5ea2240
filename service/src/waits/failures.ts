import type { JobqError } from "@jobq/core";
import type { Report } from "../report.ts";

/** What failed of many steps: told once for each kind of failure, since one outage lets hundreds of them fail. */
export class Failures {
  readonly #kinds = new Map<unknown, { readonly error: unknown; readonly doing: string; others: number }>();

  /** @param doing what is told of, if it is the first of its kind */
  add(error: unknown, doing: string): void {
    const { code = error } = Object(error) as Partial<JobqError>;
    const same = this.#kinds.get(code);
    if (same) same.others++;
    else this.#kinds.set(code, { error, doing, others: 0 });
  }

  /** Returns whether there were any. */
  report(report: Report): boolean {
    for (const { error, doing, others } of this.#kinds.values())
      report(error, others > 0 ? `${doing}, and ${others} more like this` : doing);
    return this.#kinds.size > 0;
  }
}
