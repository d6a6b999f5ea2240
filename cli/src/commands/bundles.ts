import { JobqError } from "@jobq/core";
import type { BundleRecord } from "@jobq/service/bundle";
import type { Command } from "commander";
import { advising, listedBy } from "../failure.ts";
import { wholeNumber } from "../input/whole-number.ts";
import { ago, rfc3339 } from "../output/ages.ts";
import { stateCell } from "../output/job-view.ts";
import type { Cell } from "../output/table.ts";
import { pagesOf } from "../queue/pages-of.ts";
import { type Bind, listing, type Session, subcommand, withQueue } from "../session.ts";

interface ListOptions {
  readonly name?: string;
  readonly live?: true;
  readonly limit?: string;
}

/** The most that one question to a server returns. */
const PAGE = 100;

/** Adds `jobq bundles`. */
export function addBundles(program: Command, bind: Bind): void {
  const bundles = listing(program, "bundles", "List bundles, or look at one, cancel it", bind(list))
    .option("--name <name>", "only of this name")
    .option("--live", "only those that have not ended")
    .option("-n, --limit <number>", "at most so many; 50");
  subcommand(bundles, "get", "Show how far the members of a bundle are")
    .argument("<id>", "the bundle")
    .action(bind(get));
  subcommand(bundles, "cancel", "End a bundle, and cancel its members that have not ended")
    .argument("<id>", "the bundle")
    .action(bind(cancel));
}

async function list(session: Session, _: readonly string[], options: ListOptions): Promise<void> {
  const { printer } = session;
  const filter = { name: options.name, live: options.live };
  const limit = options.limit === undefined ? 50 : wholeNumber(options.limit, "--limit", 1);
  const all = await withQueue(session, ({ bundles }) =>
    pagesOf(limit, PAGE, (before, most) => bundles.list({ ...filter, before, limit: most })),
  );
  if (printer.json) return printer.value(all.map(bundleValue));
  if (all.length === 0) return printer.note("no bundles");
  const now = Date.now();
  await printer.table(
    ["id", "bundle", "state", "ended", "of", "canceled", "age"],
    all.map((one): Cell[] => {
      const { id, name, total, done, canceled, createdAt } = one;
      return [id, name, bundleState(one), done + canceled, total, canceled, ago(createdAt, now)];
    }),
  );
  if (all.length === limit) await printer.note(`the newest ${limit}; --limit shows more`);
}

async function get(session: Session, [id = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  const bundle = await withQueue(session, ({ bundles }) => bundles.get(id));
  if (!bundle) {
    throw new JobqError("JOB_NOT_FOUND", `there is no bundle ${id}`, {
      details: { id, advice: listedBy("bundles", id) },
    });
  }
  if (printer.json) return printer.value(bundleValue(bundle));
  const now = Date.now();
  const { name, total, done, canceled, live, progress, createdAt, finishedAt, parent } = bundle;
  await printer.fields([
    ["id", id],
    ["bundle", name],
    ["state", bundleState(bundle)],
    ["progress", `${Math.round(progress * 100)} %: ${done} done, ${canceled} canceled, ${live} live of ${total}`],
    ["created", `${rfc3339(createdAt)} (${ago(createdAt, now)})`],
    ["ended", finishedAt === undefined ? undefined : `${rfc3339(finishedAt)} (${ago(finishedAt, now)})`],
    ["member of", parent],
  ]);
}

async function cancel(session: Session, [id = ""]: readonly string[]): Promise<void> {
  const { printer } = session;
  await advising(
    listedBy("bundles", id),
    withQueue(session, ({ bundles }) => bundles.cancel(id)),
  );
  if (printer.json) return printer.value({ id, canceled: true });
  await printer.line(`bundle ${id} is canceled, and its members with it`);
}

/** The state of its job, as everywhere else, and whether it may still get members. */
function bundleState({ state, sealed }: BundleRecord): Cell {
  const { text, style } = stateCell({ state, reason: undefined });
  return { text: state === "delayed" && !sealed ? `${text} (open)` : text, style };
}

function bundleValue(bundle: BundleRecord): object {
  return { ...bundle, createdAt: rfc3339(bundle.createdAt), finishedAt: rfc3339(bundle.finishedAt) };
}
