import { execFileSync } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { median } from "./measure.mjs";

/** What one has to know to compare the numbers with others. */
export async function describeMachine(folder) {
  const [{ model }] = cpus();
  return {
    cpu: model.trim(),
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    commit: commit(),
    "fsync of 4 kB": `${(await fsyncMs(folder)).toFixed(2)} ms`,
  };
}

function commit() {
  const git = (...words) =>
    execFileSync("git", words, { cwd: new URL("..", import.meta.url), encoding: "utf8" }).trim();
  try {
    const isChanged = git("status", "--porcelain", "--", ".", ":!bench/results") !== "";
    return git("rev-parse", "--short", "HEAD") + (isChanged ? ", changed" : "");
  } catch {
    return "unknown";
  }
}

/** The median time of appending 4 kB and having it on the disk: no fsynced number can be understood without it. */
async function fsyncMs(folder) {
  const path = join(folder, "fsync");
  const file = await open(path, "a");
  const times = [];
  for (let time = 0; time < 100; time++) {
    const from = performance.now();
    await file.write(Buffer.alloc(4096));
    await file.datasync();
    times.push(performance.now() - from);
  }
  await file.close();
  await rm(path);
  return median(times);
}
