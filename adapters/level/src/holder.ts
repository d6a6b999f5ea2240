import { lockFileOf } from "./lock-file.ts";
import { builtinModule, hostName, processId } from "./runtime.ts";

interface FileSystem {
  readFile(path: string, encoding: "utf8"): Promise<string>;
  rm(path: string, options: { readonly force: true }): Promise<void>;
  writeFile(path: string, text: string): Promise<void>;
}

interface Holder {
  readonly pid: number;
  /** Missing where the runtime does not tell. */
  readonly host?: string | undefined;
  readonly startedAt: string;
}

const FILE = "jobq.holder.json";

/** Leaves word beside a database's files of who has it open. */
export async function sign(location: string): Promise<void> {
  const [files, holder] = [fileSystem(), self()];
  if (!files || !holder || lockFileOf(location) === undefined) return;
  try {
    await files.writeFile(`${location}/${FILE}`, JSON.stringify(holder));
  } catch {
    // Only a courtesy to those who find the database locked.
  }
}

/** Takes that word back. */
export async function unsign(location: string): Promise<void> {
  try {
    await fileSystem()?.rm(`${location}/${FILE}`, { force: true });
  } catch {
    // As above.
  }
}

/** Says, for an error message, who has the database open. */
export async function holderOf(location: string): Promise<{ readonly text: string; readonly holder?: Holder }> {
  try {
    const holder = JSON.parse((await fileSystem()?.readFile(`${location}/${FILE}`, "utf8")) ?? "") as Holder;
    const { pid, host } = self() ?? {};
    if (holder.pid === pid && holder.host === host) return { text: "this process has it open already", holder };
    const place = holder.host === undefined ? "" : ` on ${holder.host}`;
    return { text: `process ${holder.pid}${place}, started ${holder.startedAt}, has it open`, holder };
  } catch {
    return { text: "another process has it open" };
  }
}

function self(): Holder | undefined {
  const pid = processId();
  return pid === undefined
    ? undefined
    : { pid, host: hostName(), startedAt: new Date(performance.timeOrigin).toISOString() };
}

function fileSystem(): FileSystem | undefined {
  return builtinModule<FileSystem>("node:fs/promises");
}
