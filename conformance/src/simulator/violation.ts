/**
 * What a world can break: the promises of the design by their numbers, and five of their consequences: that counts are
 * true, that what was logged is there once, that entries follow the jobs, that every call is answered, and that nothing
 * fails unless a store does.
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

/** A promise that was broken, and by what. */
export class Violation extends Error {
  override readonly name = "Violation";
  readonly promised: Promised;

  constructor(promised: Promised, message: string) {
    super(`${promised}: ${message}`);
    this.promised = promised;
  }
}
