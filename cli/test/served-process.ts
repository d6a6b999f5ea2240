import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** How a server under load came to its end. */
export interface Course {
  /** The ids of the jobs that it said it had stored. */
  readonly acknowledged: readonly string[];
  readonly code: number | null;
  readonly signal: string | null;
  /** From the signal to the end of the process. */
  readonly endedAfterMs: number;
}

/** How a server is brought to its end. */
export interface CourseOptions {
  /** What relative paths of the command start from. */
  readonly cwd: string;
  readonly signal: "SIGKILL" | "SIGTERM";
  /** The signal is sent when so many jobs have been acknowledged. */
  readonly after: number;
}

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const CALLERS = 20;

/** Starts `jobq serve` over a LevelDB in ./data as a process of its own, and sends it a signal while callers submit. */
export async function endedUnderLoad({ cwd, signal, after }: CourseOptions): Promise<Course> {
  const child = serve(cwd, "--shutdown-timeout", "10s");
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  const url = await addressOf(child);
  const acknowledged: string[] = [];
  let endsAt = 0;
  const submit = async (): Promise<void> => {
    while (endsAt === 0) {
      const id = await submitted(url).catch(() => undefined); // the connection went with the server
      if (id !== undefined) acknowledged.push(id);
      if (acknowledged.length >= after && endsAt === 0) {
        endsAt = performance.now();
        child.kill(signal);
      }
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, submit));
  const [code, by] = await exit;
  return { acknowledged, code, signal: by, endedAfterMs: performance.now() - endsAt };
}

/** Starts `jobq serve` with a module of jobs, and has it end by SIGTERM when it has printed what matches. */
export async function endedBySignal(
  cwd: string,
  jobs: string,
  printed: RegExp,
): Promise<[number | null, string | null]> {
  const child = serve(cwd, "--store", "memory", "--jobs", jobs);
  const exit = once(child, "exit") as Promise<[number | null, string | null]>;
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise<void>((resolve) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      if (printed.test(text)) resolve();
    });
  });
  child.kill("SIGTERM");
  return exit;
}

function serve(cwd: string, ...more: readonly string[]): ChildProcess {
  const node = ["--import", import.meta.resolve("tsx"), "--conditions=@jobq/source", MAIN];
  const args = ["serve", "--http", ":0", "--json", ...more];
  return spawn(process.execPath, [...node, ...args], { cwd, stdio: ["ignore", "pipe", "inherit"] });
}

async function submitted(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"type":"echo","payload":{"n":1}}',
  });
  return response.status === 201 ? ((await response.json()) as { readonly id: string }).id : undefined;
}

async function addressOf(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    if (text.includes("\n")) return (JSON.parse(text) as { readonly url: string }).url;
  }
  throw new Error("the server did not start");
}
