// Kills a server under load again and again, and looks whether a job is missing that it had acknowledged.
// npm run soak:server -- [--kills 100]
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { levelJobs } from "@jobq/job-level";
import { endedUnderLoad } from "../cli/test/served-process.ts";
import { commandLine, wholeNumber } from "./arguments.mjs";

const kills = commandLine(() => {
  const { values } = parseArgs({ options: { kills: { type: "string", default: "100" } } });
  return wholeNumber("--kills", values.kills);
});
const cwd = await mkdtemp(join(tmpdir(), "jobq-soak-"));
let count = 0;
let lost = 0;
try {
  for (let kill = 0; kill < kills; kill++) {
    // At another place each time: in the first commit, in the midst of many, while jobs run.
    const { acknowledged } = await endedUnderLoad({ cwd, signal: "SIGKILL", after: 1 + ((kill * 37) % 400) });
    const jobs = levelJobs(join(cwd, "data"));
    const found = await jobs.get(acknowledged);
    await jobs.close();
    count += acknowledged.length;
    lost += found.filter((job) => job === undefined).length;
  }
} finally {
  await rm(cwd, { recursive: true, force: true });
}
console.log(`${kills} kills, ${count} jobs acknowledged, ${lost} of them lost`);
if (lost > 0) process.exitCode = 1;
