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

/** What is used of Deno, to find out what it allows without being asked on the terminal. */
interface Deno {
  readonly permissions: {
    querySync(wanted: { readonly name: "sys"; readonly kind: "hostname" }): { readonly state: string };
  };
}

/** What the machine is called; undefined in a browser, and where the process may not know. */
export function hostName(): string | undefined {
  const { Deno } = globalThis as { readonly Deno?: Deno };
  if (Deno && Deno.permissions.querySync({ name: "sys", kind: "hostname" }).state !== "granted") return undefined;
  return builtinModule<{ hostname(): string }>("node:os")?.hostname();
}
