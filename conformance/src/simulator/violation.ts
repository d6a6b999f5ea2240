/**
 * What a history can break: the numbered promises, and five consequences of them: log lines are stored once, counts are
 * right, entries follow the jobs, every call is answered, and nothing fails unless a store does.
 */
export type Promised =
  | "P1 durable"
  | "P2 one holder"
  | "P3 at least once"
  | "P4 final"
  | "P5 order"
  | "P6 whole units"
  | "P7 no attempt lost"
  | "P8 unique"
  | "P11 waits"
  | "P14 limits"
  | "notes"
  | "tally"
  | "entries"
  | "answers"
  | "errors";

/** Says which promise was broken, and how. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly promised: Promised;

  constructor(promised: Promised, message: string) {
    super(`${promised}: ${message}`);
    this.promised = promised;
  }
}
