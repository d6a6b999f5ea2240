const FRAME_MS = 80;

/** Shows how far the work is: one line that changes on a terminal, a plain line at each quarter elsewhere. */
export class Progress {
  readonly #total: number;
  #ended: number;
  #shownAt = 0;

  /** @param ended how many of `total` had ended before */
  constructor(total: number, ended: number) {
    this.#total = total;
    this.#ended = ended;
  }

  /** One more has ended. */
  step(details: () => string): void {
    const before = this.#quarters();
    this.#ended++;
    if (!process.stdout.isTTY) {
      if (this.#quarters() > before) console.log(this.#text());
    } else if (Date.now() - this.#shownAt >= FRAME_MS || this.#ended === this.#total) {
      this.#shownAt = Date.now();
      process.stdout.write(`\r${`${this.#text()}  ${details()}`.slice(0, (process.stdout.columns || 80) - 1)}\x1b[K`);
    }
  }

  /** Leaves the line to what is printed next. */
  end(): void {
    if (process.stdout.isTTY && this.#shownAt > 0) console.log();
  }

  #quarters(): number {
    return Math.floor((4 * this.#ended) / this.#total);
  }

  #text(): string {
    return `${grouped(this.#ended)} of ${grouped(this.#total)} jobs have ended`;
  }
}

/** Lines of columns under a header: the first to the left, the others, which are numbers, to the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? grouped(cell) : cell)))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
  );
  return lines.join("\n");
}

/** Cents as euros: `-1,234.50`. */
export function euros(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${grouped(Number(digits.slice(0, -2)))}.${digits.slice(-2)}`;
}

/** A whole number with its thousands apart. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}
