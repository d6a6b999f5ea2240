import type { Output } from "../io.ts";

const WIDTH = 30;
const FRAME_MS = 100;

/** Shows on a terminal how far something has come; elsewhere it is silent. */
export class ProgressBar {
  readonly #output: Output;
  readonly #total: number;
  readonly #now: () => number;
  #shownAt = Number.NEGATIVE_INFINITY;

  /** @param total what 100 % is; 0 where that is not known */
  constructor(output: Output, total: number, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#total = total;
    this.#now = now;
  }

  show(count: number): void {
    if (!this.#output.isTTY || this.#now() - this.#shownAt < FRAME_MS) return;
    this.#shownAt = this.#now();
    const share = this.#total > 0 ? Math.min(1, count / this.#total) : undefined;
    const bar = share === undefined ? "" : `[${"=".repeat(Math.round(share * WIDTH)).padEnd(WIDTH)}] `;
    const percent = share === undefined ? "" : ` of ${this.#total} (${Math.floor(share * 100)} %)`;
    this.#output.write(`\r${bar}${count} jobs${percent}\x1b[K`);
  }

  /** Leaves the line to what comes next. */
  end(): void {
    if (this.#output.isTTY && this.#shownAt > Number.NEGATIVE_INFINITY) this.#output.write("\r\x1b[K");
  }
}
