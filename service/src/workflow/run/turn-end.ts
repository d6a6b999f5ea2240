/** How a turn of a run ended: for good, or until something comes. */
export type TurnEnd = { readonly type: "done"; readonly result: unknown } | { readonly type: "rests" };

/** The end of a turn: the first that comes is it, and whatever comes later is not heard of. */
export class TurnEnding {
  /** Settles with it. */
  readonly ended: Promise<TurnEnd>;
  readonly #onOver: () => void;
  #resolve: (end: TurnEnd) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #isOver = false;

  /** @param onOver called once, before anybody hears of it */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the turn. */
  end(end: TurnEnd): void {
    if (this.#over()) this.#resolve(end);
  }

  /** Ends the turn for good with an error. */
  fail(error: unknown): void {
    if (this.#over()) this.#reject(error);
  }

  /** Says whether it was not over before. */
  #over(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#onOver();
    return true;
  }
}
