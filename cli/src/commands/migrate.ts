import { migrationSql } from "@jobq/sql-kysely";
import type { Command } from "commander";
import { UsageError } from "../failure.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { type Bind, type Session, subcommand } from "../session.ts";
import { namingStore } from "../store/naming-store.ts";
import { openStore } from "../store/open-store.ts";
import { storeAddress } from "../store/store-address.ts";

interface MigrateOptions {
  readonly print?: boolean;
  readonly from?: string;
}

/** Adds `jobq migrate`. */
export function addMigrate(program: Command, bind: Bind): void {
  subcommand(program, "migrate", "Make a store, or bring an older one to the version of this command")
    .option("--print", "print the SQL instead of running it")
    .option("--from <version>", "with --print: the version there is; 0, for nothing, by default")
    .action(bind(migrate));
}

async function migrate(session: Session, _: readonly string[], options: MigrateOptions): Promise<void> {
  const { io, printer, settings } = session;
  const { store } = settings;
  if (store === undefined) throw new UsageError("jobq migrate takes a store: --store");
  const address = storeAddress(store);
  if (options.print) {
    if (address.kind === "memory" || address.kind === "level") {
      throw new UsageError(
        "there is SQL for sqlite://, postgres:// and mysql:// only; other stores migrate when opened",
      );
    }
    const { kind, schema, prefix } = address;
    const layout = { ...(schema === undefined ? {} : { schema }), ...(prefix === undefined ? {} : { prefix }) };
    const from = options.from === undefined ? 0 : wholeNumber(options.from, "--from");
    await printer.line(migrationSql(kind, layout, from).trimEnd());
    return;
  }
  await namingStore(store, async () => {
    const { jobs, topics, sql, close } = await openStore(store, { cwd: io.cwd, create: true });
    try {
      const versions = await sql?.migrate();
      if (!versions) await jobs.tally(); // a store that is no database migrates as it opens
      if (printer.json) await printer.value(versions ?? {});
      else if (!versions) await printer.line("the store is there, in the version of this command");
      else if (versions.from === versions.to) await printer.line(`the tables are of version ${versions.to} already`);
      else await printer.line(`the tables are of version ${versions.to} now, from ${versions.from}`);
    } finally {
      await Promise.all([jobs.close(), topics.close()]);
      await close();
    }
  });
}
