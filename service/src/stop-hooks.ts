import type { Deadline } from "@jobq/core";
import type { Report } from "./report.ts";

/** Stops a module: called once, when its service begins to close, which waits for it, but not past `deadline`. */
export type Stop = (deadline: Deadline) => unknown;

/** What modules do before their service closes. */
export class StopHooks {
  readonly #all = new Set<Stop>();
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Has it called at the close, unless the function that is returned is called before. */
  add(stop: Stop): () => void {
    this.#all.add(stop);
    return () => void this.#all.delete(stop);
  }

  /** Calls all of them; resolves when they have stopped. A failure is reported and keeps nobody from stopping. */
  async run(deadline: Deadline): Promise<void> {
    await Promise.all(
      [...this.#all].map(async (stop) => {
        try {
          await stop(deadline);
        } catch (error) {
          this.#report(error, "stopping a module");
        }
      }),
    );
  }
}
