import { JobqError } from "@jobq/core";

/** How a reference behaves once it is closed; a mutant may differ. */
export interface Guard {
  /** Calls that do not notice. */
  readonly exempt?: readonly string[];
  /** What the other calls do; by default they reject with CLOSED. */
  readonly instead?: () => Promise<unknown>;
  /** Whether the call notices, by its arguments; by default each does. */
  readonly notices?: (args: readonly unknown[]) => boolean;
}

interface Closable {
  close(): Promise<void>;
}

const closed = (): Promise<never> => Promise.reject(new JobqError("CLOSED", "the reference is closed"));

/** The repository, of which every call but a second close rejects with CLOSED once it is closed. */
export function guarded<R extends Closable>(repository: R): R {
  const guard: Guard = (repository.constructor as { readonly guard?: Guard }).guard ?? {};
  const { exempt = [], instead = closed, notices = () => true } = guard;
  let open = true;
  return new Proxy(repository, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "close") open = false;
        else if (!open && !exempt.includes(String(name)) && notices(args)) return instead();
        return value.apply(target, args);
      };
    },
  });
}
