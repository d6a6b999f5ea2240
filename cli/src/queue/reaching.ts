import { JobqError } from "@jobq/core";

/** `fetch` whose failure to reach a server says which. */
export function reaching(url: string): typeof fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init);
    } catch (cause) {
      init?.signal?.throwIfAborted();
      const details = { url, unreachable: true };
      throw new JobqError("STORE_FAILED", `no server can be reached at ${url}`, { cause, details });
    }
  };
}
