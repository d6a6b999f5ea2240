/** Makes a write, which may fail. */
export type Persist = <T>(make: () => T) => T;

/** Ways of writing that are wrong where writes fail. */
export const wrongWrites: Readonly<Record<string, (right: Persist) => Persist>> = {
  "changes its memory before it writes": (right) => (make) => {
    const made = make();
    right(() => {});
    return made;
  },
  "writes what failed along with what comes next": (right) => {
    let left: (() => unknown)[] = [];
    return (make) => {
      const [before, all] = [left, [...left, make]];
      left = [];
      try {
        return right(() => {
          for (const one of before) one();
          return make();
        });
      } catch (error) {
        left = all;
        throw error;
      }
    };
  },
  "does nothing once a write has failed": (right) => {
    let failure: unknown;
    return (make) => {
      if (failure) throw failure;
      try {
        return right(make);
      } catch (error) {
        failure = error;
        throw error;
      }
    };
  },
};

/** A mutant for each way of writing. */
export function writingWrongly<M>(mutantOf: (wrong: (right: Persist) => Persist) => M): Record<string, M> {
  return Object.fromEntries(Object.entries(wrongWrites).map(([name, wrong]) => [name, mutantOf(wrong)]));
}
