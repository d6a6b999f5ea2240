/** What follows an asynchronous context: an `AsyncLocalStorage` of Node, Deno, Bun and Workers is one. */
export interface StorageOfContext<Value = unknown> {
  run<Result>(value: Value, body: () => Result): Result;
  getStore(): Value | undefined;
}
