/** Tells the code of a run from all else: what it does between its steps is within, steps and the engine are not. */
export interface CodeScope {
  /** Runs the code, or a branch of it. */
  enter<T>(work: () => T): T;
  /** Does something that the code asked for, and that is not its own. */
  leave<T>(work: () => T): T;
}

/** The scope of a run whose code nobody watches. */
export const NO_SCOPE: CodeScope = { enter: (work) => work(), leave: (work) => work() };
