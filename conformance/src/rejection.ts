/** The name of the error that the promise rejects with; undefined when it does not. */
export function rejection(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: Error) => error.name,
  );
}
