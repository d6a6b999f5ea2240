import { readFileSync } from "node:fs";
import { type ChangeType, JOB_STATES, TRANSITIONS } from "@jobq/core";
import { expect, test } from "vitest";

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
  return change === "unblock" ? ["delayed", "ready"] : TRANSITIONS[change].to;
}

function listOf(change: ChangeType, side: "from" | "to"): string {
  const states = TRANSITIONS[change][side];
  return states.length === JOB_STATES.length ? (side === "from" ? "any" : "the same, or ready") : states.join(", ");
}
