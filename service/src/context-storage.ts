/** A store that follows the asynchronous context: an `AsyncLocalStorage` of Node, Deno, Bun or Workers. */
export interface StorageOfContext<Value = unknown> {
  run<Result>(value: Value, body: () => Result): Result;
  getStore(): Value | undefined;
}
