import type { Command } from "commander";
import type { ExitCode } from "./exit-codes.ts";
import { UsageError } from "./failure.ts";
import type { Io } from "./io.ts";
import { Printer } from "./output/printer.ts";
import { queueBehind, withService } from "./queue/open-queue.ts";
import type { OpenedQueue } from "./queue/queue.ts";
import { type GlobalOptions, Settings } from "./settings/settings.ts";

/** One run of a command: its surroundings, what was set, where it prints. */
export interface Session {
  readonly io: Io;
  readonly settings: Settings;
  readonly printer: Printer;
}

/** What a command does with its arguments and options; undefined is success. */
export type Action<Options> = (
  session: Session,
  args: readonly string[],
  options: Options,
) => Promise<ExitCode> | Promise<void>;

/** An action as commander calls it. */
export type Bind = <Options>(action: Action<Options>) => (...given: unknown[]) => Promise<void>;

/** @param ended told of the exit code */
export function binder(io: Io, ended: (code: ExitCode) => void): Bind {
  return (action) =>
    async (...given) => {
      const command = given.at(-1) as Command;
      if (command.commands.length > 0 && command.args.length > 0) unknownCommand(command);
      const options = command.optsWithGlobals<GlobalOptions>();
      const printer = new Printer(io, { json: options.json === true, color: options.color !== false });
      const settings = await Settings.read(options, io);
      const args = given
        .slice(0, -2)
        .flat()
        .filter((one): one is string => one !== undefined);
      const empty = args.indexOf("");
      if (empty >= 0) throw new UsageError(`the ${argumentAt(command, empty)} given to ${pathOf(command)} is empty`);
      const code = await action({ io, settings, printer }, args, options as never);
      if (code !== undefined) ended(code);
    };
}

/** Opens the queue that was set, and closes it whatever comes of the work. */
export function withQueue<T>({ io, settings }: Session, work: (opened: OpenedQueue) => Promise<T>): Promise<T> {
  const { target } = settings;
  return target.kind === "url" ? work(queueBehind(target)) : withService(target.store, io, { create: false }, work);
}

/** As it is called, with the commands that it is below. */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** The last may be of any number. */
function argumentAt({ registeredArguments: all }: Command, index: number): string {
  return (all[index] ?? all.at(-1))?.name() ?? "argument";
}

/** A command of its own, with the streams and the way to fail of its program. */
export function subcommand(program: Command, name: string, summary: string): Command {
  return program.command(name).description(summary).summary(summary);
}

/** A command that lists things of a kind, by itself and as `list`, beside those that are to do with one of them. */
export function listing(
  program: Command,
  name: string,
  summary: string,
  action: (...given: unknown[]) => Promise<void>,
): Command {
  const command = subcommand(program, name, summary).allowExcessArguments().action(action); // see `unknownCommand`
  subcommand(command, "list", "The same as without a command").action(action);
  return command;
}

/** Fails as commander does where a command has no action of its own: with the nearest name there is. */
function unknownCommand(command: Command): void {
  (command as Command & { unknownCommand(): void }).unknownCommand();
}
