import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { oneOf, wholeNumber } from "../arguments.mjs";

test.each(["1e5", "many", "-1", "1.5", ""])("%j is no whole number of a script", (text) => {
  expect(() => wholeNumber("--jobs", text)).toThrow(`--jobs must be a whole number, got ${text}`);
});

test("a number and a word of a script are what they say", () => {
  expect([wholeNumber("--kills", "0"), oneOf("the part", ["pair", "patroni"], "pair")]).toEqual([0, "pair"]);
});

test("a word that there is not is refused, with those that there are", () => {
  expect(() => oneOf("the part", ["pair", "patroni"], "pairs")).toThrow(
    "the part must be one of pair; patroni, got pairs",
  );
});

test.each([
  [["scripts/soak.ts", "--sed", "1"], "'--sed'"],
  [["scripts/soak-server.ts", "--kills", "many"], "--kills must be a whole number, got many"],
  [["scripts/scaling.ts", "processors"], "the part must be one of"],
  [["scripts/release.mjs", "--dry"], "'--dry'"],
  [["bench/run.mjs", "redis"], "the group must be one of"],
])(
  "%j ends with 2 and a line that says why",
  (args, why) => {
    const node = ["--import", "tsx", "--conditions=@jobq/source"];
    const cwd = fileURLToPath(new URL("../..", import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [...node, ...args], { cwd, encoding: "utf8" });
    expect(stderr).toContain(why);
    expect([status, stdout, stderr.trimEnd().split("\n").length]).toEqual([2, "", 1]);
  },
  60_000,
);
