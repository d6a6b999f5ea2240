import { readFileSync } from "node:fs";
import {
  type Change,
  type ChangeType,
  type Draft,
  JOB_STATES,
  type JobState,
  type Rule,
  TRANSITIONS,
} from "@jobq/core";
import { expect, test } from "vitest";

/** A job that is due and whose lease has ended. */
const SAMPLE: Draft = {
  id: "job",
  topic: "topic",
  name: "name",
  weight: 0,
  createdAt: 0,
  maxRetries: 0,
  maxLeaseLosses: 0,
  timeoutMs: 1,
  state: "ready",
  token: 1,
  attempt: 1,
  leaseLosses: 0,
  resetCount: 0,
  runAt: 1,
  leaseUntil: 1,
};

const page = "../../docs/state-machine.md";

// To draw it anew: npx vitest run scripts/test/state-machine.test.ts --update
test("docs/state-machine.md draws the table that the code has", async () => {
  const text = readFileSync(new URL(page, import.meta.url), "utf8");
  const drawn = text.replace(/(<!-- from TRANSITIONS -->\n)[\s\S]*?(<!-- end -->)/, `$1${drawing()}$2`);
  expect(text).toContain("<!-- from TRANSITIONS -->");
  await expect(drawn).toMatchFileSnapshot(page);
});

/** The diagram and the table of the state machine. */
function drawing(): string {
  const changes = Object.keys(TRANSITIONS) as ChangeType[];
  const arrows = new Map<string, ChangeType[]>([
    ["[*] --> ready", []],
    ["[*] --> delayed", []],
  ]);
  for (const change of changes) {
    for (const from of startsOf(change)) {
      for (const to of reachedFrom(change, from)) {
        const arrow = `${from} --> ${to}`;
        arrows.set(arrow, [...(arrows.get(arrow) ?? []), change]);
      }
    }
  }
  const lines = [...arrows].map(([arrow, labels]) => `  ${arrow}: ${labels.join(", ") || "insert"}`);
  const rows = changes.map((change) => `| ${change} | ${listOf(change, "from")} | ${listOf(change, "to")} |`);
  return [
    "```mermaid",
    "stateDiagram-v2",
    ...lines,
    "```",
    "",
    "| change | from | to |",
    "|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** What a job may have besides, and what the change may say, for it to lead everywhere it can. */
const VARIANTS: readonly Partial<Draft>[] = [
  {},
  { expiresAt: 1 },
  { maxRetries: 9, maxLeaseLosses: 9 },
  { runAt: undefined, blockers: ["me"] },
  { runAt: undefined, awaits: "" },
  { runAt: undefined, limit: { key: "key", concurrency: 1 } },
  { links: 1 },
];

/** Where the change brings a job from that state: nowhere when it is refused, and to no other when it only notes something. */
function reachedFrom(type: ChangeType, state: JobState): readonly JobState[] {
  const { make } = TRANSITIONS[type] as Rule;
  const ends = VARIANTS.flatMap((variant) =>
    [0, 9].flatMap((at) =>
      [{}, { fails: true }].map((more) => {
        const job = { ...SAMPLE, state, ...variant };
        const change = { type, id: job.id, by: "me", reason: "canceled", at, told: 1, slot: 0, ...more } as Change;
        return make(job, change, 1) && job.state;
      }),
    ),
  );
  return JOB_STATES.filter((end) => ends.includes(end));
}

/** Changes that are legal in many states and move a job in one of them, or in none. */
const MOVES_FROM: Partial<Record<ChangeType, readonly JobState[]>> = {
  unblock: ["delayed"],
  wake: ["delayed"],
  link: [],
  resolve: [],
  freeKey: [],
  check: [],
};

function startsOf(change: ChangeType): readonly JobState[] {
  return MOVES_FROM[change] ?? TRANSITIONS[change].from;
}

function listOf(change: ChangeType, side: "from" | "to"): string {
  const { from } = TRANSITIONS[change];
  if (side === "from") return from.length === JOB_STATES.length ? "any" : from.join(", ");
  const starts = startsOf(change);
  const reached = JOB_STATES.filter((end) => starts.some((state) => reachedFrom(change, state).includes(end)));
  if (starts.length === 0) return "the same";
  return starts.length < from.length
    ? `the same; from ${starts.join(", ")}: ${reached.join(", ")}`
    : reached.join(", ");
}
