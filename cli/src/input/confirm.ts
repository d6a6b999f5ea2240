import { createInterface } from "node:readline/promises";
import { UsageError } from "../failure.ts";
import type { Session } from "../session.ts";

/**
 * Asks before something is done to many jobs.
 * @throws {UsageError} it was declined, or nobody can be asked and `--yes` was not given
 */
export async function confirm({ io, printer }: Session, question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!printer.canAsk) throw new UsageError(`${question} Say so with --yes.`);
  const asking = createInterface({ input: io.stdin as never, output: io.stderr as never });
  try {
    const said = await asking.question(`${question} [y/N] `, { signal: io.signal });
    if (!/^y(es)?$/i.test(said.trim())) throw new UsageError("nothing was done");
  } finally {
    asking.close();
  }
}
