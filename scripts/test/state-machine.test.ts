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
  backoffMinMs: 1,
  backoffMaxMs: 1,
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
      for (const to of endsOf(change)) {
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

/** A change that is legal in every state, and does something in one of them, is drawn from that one. */
function startsOf(change: ChangeType): readonly string[] {
  return change === "unblock" ? ["delayed"] : TRANSITIONS[change].from;
}

function endsOf(change: ChangeType): readonly string[] {
  return change === "unblock" ? ["delayed", "ready"] : reached(change);
}

/** Every state that the change brings a job to that is as early, as late or as often tried as can be. */
function reached(type: ChangeType): readonly JobState[] {
  const { from, make } = TRANSITIONS[type] as Rule;
  const ends = from.flatMap((state) =>
    [0, 9].flatMap((limit) =>
      [0, 9].map((at) => {
        const job = { ...SAMPLE, state, maxRetries: limit, maxLeaseLosses: limit };
        return make(job, { type, id: job.id, by: "me", reason: "canceled", at } as Change, 1) && job.state;
      }),
    ),
  );
  return JOB_STATES.filter((state) => ends.includes(state));
}

function listOf(change: ChangeType, side: "from" | "to"): string {
  const states = side === "from" ? TRANSITIONS[change].from : reached(change);
  return states.length === JOB_STATES.length ? (side === "from" ? "any" : "the same, or ready") : states.join(", ");
}
