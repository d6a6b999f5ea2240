#!/usr/bin/env node
import { constants } from "node:os";
import { run } from "./run.ts";

/** How long what is still open may take to close by itself when the command has ended. */
const LINGER_MS = 1000;

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // A second signal says not to wait any longer.
    if (stop.signal.aborted) process.exit(128 + constants.signals[name]);
    stop.abort(name);
  });
}
// A reader that stops reading, as `head` does, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await run(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
});
for (const output of [process.stdout, process.stderr])
  await new Promise<void>((told) => output.write("", () => told()));
// What a module of jobs keeps open, or a handler that never ends, does not keep the process.
setTimeout(() => process.exit(), LINGER_MS).unref();
