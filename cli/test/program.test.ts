import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { jobq } from "./terminal.ts";

it("the command's version is that of its package", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await jobq(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
});
