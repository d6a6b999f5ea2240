import { wrongType } from "@jobq/core";
import { hashKey, newKey, ROLES } from "@jobq/server";
import type { Command } from "commander";
import { type Bind, type Session, subcommand } from "../session.ts";

interface KeyOptions {
  readonly name?: string;
  readonly role?: string;
}

/** Adds `jobq keys`. */
export function addKeys(program: Command, bind: Bind): void {
  subcommand(program, "keys", "Make a key for the API of a server, and what its configuration takes of it")
    .option("--name <name>", "who has it; appears in audit lines")
    .option("--role <role>", `what it may do: ${ROLES.join(", ")}; operator by default`)
    .action(bind(makeKey));
}

async function makeKey({ printer }: Session, _: readonly string[], options: KeyOptions): Promise<void> {
  const { name = "default", role = "operator" } = options;
  if (!(ROLES as readonly string[]).includes(role)) throw wrongType("--role", `one of ${ROLES.join(", ")}`, role);
  const key = newKey();
  const entry = { name, role, hash: await hashKey(key) };
  if (printer.json) return printer.value({ key, entry });
  await printer.line(key);
  await printer.note(`The server keeps only its hash; add this to "keys" in jobq.json:\n${JSON.stringify(entry)}`);
}
