import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { onTestFinished } from "vitest";
import { type Io, run } from "../src/index.ts";

/** What a command printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that has been started. */
export interface Running {
  readonly ended: Promise<Ran>;
  /** Resolves when standard output has what matches. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when standard error has what matches. */
  noted(pattern: RegExp): Promise<RegExpExecArray>;
  stop(signal?: "SIGINT" | "SIGTERM"): void;
}

/** What a test sets of the surroundings of a command. */
export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed or piped; in the pieces in which it comes, or as a stream. */
  readonly stdin?: string | readonly Uint8Array[] | Readable;
  /** So wide a terminal; a pipe without it. */
  readonly terminal?: number;
}

/** Starts a command in this process. */
export function start(
  args: readonly string[],
  { cwd = ".", env = {}, stdin = "", terminal }: Surroundings = {},
): Running {
  const abort = new AbortController();
  const stdout = new Captured(terminal);
  const stderr = new Captured(terminal);
  const io: Io = {
    stdin: Object.assign(stdin instanceof Readable ? stdin : inputOf(stdin), { isTTY: false }),
    stdout,
    stderr,
    env,
    cwd,
    signal: abort.signal,
  };
  const ended = run(args, io).then((code) => ({ code, stdout: stdout.text, stderr: stderr.text }));
  return {
    ended,
    printed: (pattern) => stdout.has(pattern),
    noted: (pattern) => stderr.has(pattern),
    stop: (signal = "SIGINT") => abort.abort(signal),
  };
}

/** Runs a command in this process, to its end. */
export function jobq(args: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  return start(args, surroundings).ended;
}

/** A folder that goes with the test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "jobq-cli-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A server that goes with the test; resolves with its address. */
export async function serving(args: readonly string[] = [], surroundings: Surroundings = {}): Promise<string> {
  const server = start(["serve", "--http", ":0", "--store", "memory", ...args], surroundings);
  onTestFinished(async () => {
    server.stop("SIGTERM");
    await server.ended;
  });
  const failed = server.ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  failed.catch(() => {});
  const [url] = await Promise.race([server.printed(/http:\/\/[^\s"]+/), failed]);
  return url;
}

async function* inputOf(input: string | readonly Uint8Array[]): AsyncGenerator<string | Uint8Array> {
  if (typeof input !== "string") yield* input;
  else if (input) yield input;
}

class Captured {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  #written: (() => void)[] = [];

  constructor(terminal: number | undefined) {
    this.isTTY = terminal !== undefined;
    this.columns = terminal;
  }

  write(text: string): boolean {
    this.text += text;
    for (const told of this.#written.splice(0)) told();
    return true;
  }

  once(_: "drain", listener: () => void): void {
    listener();
  }

  async has(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.text);
      if (found) return found;
      await new Promise<void>((resolve) => void this.#written.push(resolve));
    }
  }
}
