import { JobqError } from "@jobq/core";
import { withoutPassword } from "./store-address.ts";

/** Work on a store: a failure of the store names it, unless it does so already. */
export async function namingStore<T>(store: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw naming(store, error);
  }
}

/** The same for what is read from a store while something else works with it. */
export async function* namingSource<T>(store: string, items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  const reading = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await namingStore(store, () => reading.next());
      if (done) return;
      yield value;
    }
  } finally {
    await reading.return?.();
  }
}

function naming(store: string, error: unknown): unknown {
  const isOfStore = error instanceof JobqError && error.code.startsWith("STORE_") && error.details.store === undefined;
  if (!isOfStore) return error;
  const { code, message, cause, details } = error;
  const shown = withoutPassword(store);
  return new JobqError(code, `${shown}: ${message}`, { cause, details: { ...details, store: shown } });
}
