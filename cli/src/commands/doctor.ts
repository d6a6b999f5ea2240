import type { Command } from "commander";
import { findingsOf } from "../doctor/findings.ts";
import { EXIT_CODES, type ExitCode } from "../exit-codes.ts";
import { type Bind, type Session, subcommand } from "../session.ts";
import { withoutPassword } from "../store/store-address.ts";

/** Adds `jobq doctor`. */
export function addDoctor(program: Command, bind: Bind): void {
  subcommand(program, "doctor", "Look for what will hurt, in a server or a store").action(bind(doctor));
}

/** Ends with 1 where something is wrong; a warning is no failure. */
async function doctor(session: Session): Promise<ExitCode> {
  const { printer, settings } = session;
  const { target } = settings;
  const findings = await findingsOf(session);
  const isSick = findings.some(({ level }) => level === "bad");
  if (printer.json) await printer.value({ healthy: !isSick, findings });
  else {
    await printer.line(`${target.kind === "url" ? target.url : withoutPassword(target.store)}`);
    const styles = { good: "green", warning: "yellow", bad: "red" } as const;
    for (const { level, about, text, advice } of findings) {
      await printer.line(`${printer.style(level.padEnd(7), styles[level])}  ${about.padEnd(12)}  ${text}`);
      if (advice && level !== "good") await printer.line(`${" ".repeat(23)}${advice}`);
    }
  }
  return isSick ? EXIT_CODES.failed : EXIT_CODES.ok;
}
