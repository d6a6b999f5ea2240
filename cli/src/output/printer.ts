import type { Failure } from "../failure.ts";
import type { Io, Output } from "../io.ts";
import { type Cell, formatTable, plain } from "./table.ts";

/** How to print. */
export interface PrinterOptions {
  readonly json: boolean;
  /** False where the user wants none; streams that are no terminals have none either. */
  readonly color: boolean;
}

const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

/** A way to set text off. */
export type Style = keyof typeof STYLES;

/** Writes results to standard output and everything else to standard error. */
export class Printer {
  readonly json: boolean;
  readonly #io: Io;
  readonly #color: boolean;

  constructor(io: Io, { json, color }: PrinterOptions) {
    this.#io = io;
    this.json = json;
    this.#color = color && !io.env.NO_COLOR && io.env.TERM !== "dumb";
  }

  /** True when a person looks at the results. */
  get isTerminal(): boolean {
    return this.#io.stdout.isTTY === true;
  }

  /** True when a person can be asked. */
  get canAsk(): boolean {
    return this.#io.stdin.isTTY === true && this.#io.stderr.isTTY === true;
  }

  /** A line of the result. */
  line(text: string): Promise<void> {
    return write(this.#io.stdout, `${text}\n`);
  }

  /** The result for programs: one line where it is piped, laid out for people on a terminal. */
  value(value: unknown): Promise<void> {
    return this.line(this.isTerminal ? JSON.stringify(value, null, 2) : JSON.stringify(value));
  }

  /** Rows under a header; on a terminal no line is longer than that is wide. */
  table(header: readonly string[], rows: readonly (readonly Cell[])[]): Promise<void> {
    const width = this.isTerminal ? (this.#io.stdout.columns ?? 80) : undefined;
    return this.line(formatTable(header, rows, { width, style: (text, style) => this.style(text, style) }));
  }

  /** Names with their values, a line each; what has no value is left out. */
  async fields(fields: readonly (readonly [name: string, value: Cell])[]): Promise<void> {
    for (const [name, value] of fields) {
      if (value === undefined) continue;
      const text = typeof value === "object" ? this.style(plain(value.text), value.style) : plain(String(value));
      await this.line(`${this.style(name.padEnd(11), "dim")} ${text}`);
    }
  }

  /** What is no result: to standard error, so that a pipe does not see it. */
  note(text: string): Promise<void> {
    return write(this.#io.stderr, `${text}\n`);
  }

  /** Why the command failed, and what to do about it. */
  failure({ code, message, hint }: Failure): void {
    if (this.json) void write(this.#io.stderr, `${JSON.stringify({ error: { code, message, hint } })}\n`);
    else void write(this.#io.stderr, `${this.#styled(this.#io.stderr, "jobq:", "red")} ${message}\n`);
    if (hint && !this.json) void write(this.#io.stderr, `${hint}\n`);
  }

  /** Text as it is set off on standard output. */
  style(text: string, style: Style): string {
    return this.#styled(this.#io.stdout, text, style);
  }

  #styled(output: Output, text: string, style: Style): string {
    return this.#color && output.isTTY ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }
}

/** Resolves when the reader can take more. */
async function write(output: Output, text: string): Promise<void> {
  if (output.write(text)) return;
  await new Promise<void>((resolve) => void output.once("drain", resolve));
}
