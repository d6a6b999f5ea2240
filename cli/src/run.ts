import { CommanderError } from "commander";
import { EXIT_CODES } from "./exit-codes.ts";
import { failureOf } from "./failure.ts";
import type { Io } from "./io.ts";
import { Printer } from "./output/printer.ts";
import { createProgram } from "./program.ts";

/**
 * Runs the command `jobq` and resolves with its exit code; never rejects.
 * @param args the arguments after the name of the command
 */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
    if (io.signal.aborted) return stoppedBy(io.signal);
    const failure = failureOf(error);
    new Printer(io, { json: program.opts().json === true, color: program.opts().color !== false }).failure(failure);
    return failure.exitCode;
  }
  return exitCode;
}

function stoppedBy(signal: AbortSignal): number {
  return signal.reason === "SIGTERM" ? EXIT_CODES.terminated : EXIT_CODES.interrupted;
}
