/** What is used of Node, Deno and Bun; a browser has nothing of it. */
interface Runtime {
  readonly pid?: number;
  getBuiltinModule?(name: string): unknown;
}

function runtime(): Runtime | undefined {
  return (globalThis as { readonly process?: Runtime }).process;
}

/** A module that comes with the runtime, such as `node:fs`; undefined where there is none of that name. */
export function builtinModule<T>(name: string): T | undefined {
  return runtime()?.getBuiltinModule?.(name) as T | undefined;
}

/** The number of this process; undefined in a browser. */
export function processId(): number | undefined {
  return runtime()?.pid;
}
