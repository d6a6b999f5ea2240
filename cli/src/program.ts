import { createRequire } from "node:module";
import { Command, Option } from "commander";
import { addBundles } from "./commands/bundles.ts";
import { addChanges } from "./commands/change.ts";
import { addCompletion } from "./commands/completion.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addExplain } from "./commands/explain.ts";
import { addKeys } from "./commands/keys.ts";
import { addList } from "./commands/list.ts";
import { addMigrate } from "./commands/migrate.ts";
import { addPurge } from "./commands/purge.ts";
import { addSchedules } from "./commands/schedules.ts";
import { addServe } from "./commands/serve.ts";
import { addStatus } from "./commands/status.ts";
import { addSubmit } from "./commands/submit.ts";
import { addTail } from "./commands/tail.ts";
import { addTopics } from "./commands/topics.ts";
import { addTransfer } from "./commands/transfer.ts";
import { addWorkflows } from "./commands/workflows.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { Printer } from "./output/printer.ts";
import { binder } from "./session.ts";
import type { GlobalOptions } from "./settings/settings.ts";

/** The version of the package, which all packages of jobq share. */
const VERSION: string = createRequire(import.meta.url)("../package.json").version;

/** The command with all its subcommands. */
export function createProgram(io: Io, ended: (code: ExitCode) => void): Command {
  const program = new Command("jobq")
    .description("Job queues on the command line: of a server, or straight on a store.")
    .version(VERSION, "-V, --version", "print the version")
    .option("--url <url>", "the server; JOBQ_URL, or http://127.0.0.1:8080 when nothing else is said")
    .option("--key <key>", "its key; better in JOBQ_KEY, where others do not see it")
    .option("--store <store>", "memory, level://PATH, sqlite://FILE, postgres://… or mysql://…; JOBQ_STORE")
    .option("--config <file>", "the configuration; JOBQ_CONFIG, or jobq.json where there is one")
    .option("--json", "print JSON, for programs")
    .addOption(new Option("--no-color", "print no colors, as NO_COLOR does"))
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text) => {
        const { json, color } = program.opts<GlobalOptions>();
        const message = text.trimEnd().replace(/^error: /, "");
        const printer = new Printer(io, { json: json === true, color: color !== false });
        printer.failure({ exitCode: EXIT_CODES.usage, code: "USAGE", message });
      },
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    });
  const bind = binder(io, ended);
  addServe(program, bind);
  addSubmit(program, bind);
  addStatus(program, bind);
  addList(program, bind);
  addChanges(program, bind);
  addPurge(program, bind);
  addTail(program, bind);
  addTopics(program, bind);
  addSchedules(program, bind);
  addWorkflows(program, bind);
  addBundles(program, bind);
  addExplain(program, bind);
  addDoctor(program, bind);
  addTransfer(program, bind);
  addMigrate(program, bind);
  addKeys(program, bind);
  addCompletion(program, bind);
  return program;
}
