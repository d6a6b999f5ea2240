import { JobqError } from "@jobq/core";

/** The code that the call fails with; "none" when it does not fail. */
export async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    await call();
    return "none";
  } catch (error) {
    return error instanceof JobqError ? error.code : String(error);
  }
}

/** Microtasks in which the news that a call has settled reaches its caller. */
const NEWS = 50;

/** Makes the calls, then closes, and tells of each how it stands once that is done: "pending" if it was not waited for. */
export async function settledAtClose<S extends { close(): Promise<void> }>(
  store: S,
  calls: Readonly<Record<string, (store: S) => Promise<unknown>>>,
): Promise<Readonly<Record<string, string>>> {
  const states: Record<string, string> = {};
  for (const [name, call] of Object.entries(calls)) {
    states[name] = "pending";
    call(store).then(
      () => {
        states[name] = "fulfilled";
      },
      () => {
        states[name] = "rejected";
      },
    );
  }
  await store.close();
  for (let turn = 0; turn < NEWS; turn += 1) await undefined;
  return states;
}

/** What {@link settledAtClose} tells when each call was waited for. */
export function allFulfilled(calls: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(calls).map((name) => [name, "fulfilled"]));
}
