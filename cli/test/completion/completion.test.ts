import { describe, expect, it } from "vitest";
import { SHELLS } from "../../src/completion/completed.ts";
import { jobq } from "../terminal.ts";
import { completing, isMissing } from "./shells.ts";

describe.each(SHELLS)("jobq completion %s", (shell) => {
  it.skipIf(isMissing(shell))("completes commands, what they do to one thing, options and their values", async () => {
    const complete = await completing(shell);
    expect(complete("jobq su")).toEqual(["submit"]);
    expect(complete("jobq --json su")).toEqual(["submit"]);
    expect(complete("jobq --js")).toEqual(["--json"]);
    expect(complete("jobq submit --pri")).toEqual(["--priority"]);
    expect(complete("jobq submit --priority ")).toEqual(["bulk", "critical", "high", "low", "normal"]);
    expect(complete("jobq list --state exh")).toEqual(["exhausted"]);
    expect(complete("jobq list -s exh")).toEqual(["exhausted"]);
    expect(complete("jobq workflows sig")).toEqual(["signal"]);
    expect(complete("jobq workflows signal --pay")).toEqual(["--payload"]);
    expect(complete("jobq workflows list --li")).toEqual(["--limit", "--live"]);
    expect(complete("jobq schedules --key x trig")).toEqual(["trigger"]);
    expect(complete("jobq completion f")).toEqual(["fish"]);
  });

  it.skipIf(isMissing(shell))("offers no state that the command refuses", async () => {
    const complete = await completing(shell);
    expect(complete("jobq workflows --state ")).toEqual(["canceled", "delayed", "done", "ready", "reserved"]);
    expect(complete("jobq purge --state ")).toEqual(["canceled", "done"]);
    expect(complete("jobq purge --reason ex")).toEqual(["exhausted", "expired"]);
    for (const state of complete("jobq list --state ")) {
      const { code } = await jobq(["list", "--state", state, "--store", "memory"]);
      expect(code, state).toBe(0);
    }
  });
});

it("jobq completion knows no other shell", async () => {
  expect((await jobq(["completion", "tcsh"])).code).toBe(2);
});
