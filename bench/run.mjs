// npm run bench                    all groups
// npm run bench -- memory level    some of them
//   --only TEXT    workloads whose id has it
//   --rounds N     how often each contender runs; 5
//   --quick        small and once, to see that it works; keeps no results
//   --huge         also a backlog of 5 million
//   --beside REV   measures that commit's jobq in the same run
import { execFileSync, fork } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commandLine, oneOf, wholeNumber } from "../scripts/arguments.mjs";
import { bundleCommit, bundleTree, environmentOf } from "./bundle.mjs";
import { describeMachine } from "./machine.mjs";
import { median } from "./measure.mjs";
import { keep, render } from "./report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const GROUPS = ["memory", "level", "sqlite", "postgres", "mariadb", "worker", "http", "workflow"];
const { values, groups, rounds } = commandLine(() => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", default: "" },
      rounds: { type: "string", default: "5" },
      quick: { type: "boolean", default: false },
      huge: { type: "boolean", default: false },
      beside: { type: "string" },
    },
  });
  return {
    values,
    groups: positionals.length > 0 ? positionals.map((name) => oneOf("the group", GROUPS, name)) : GROUPS,
    rounds: values.quick ? 1 : wholeNumber("--rounds", values.rounds),
  };
});
const options = { quick: values.quick, huge: values.huge };
const beside =
  values.beside &&
  execFileSync("git", ["rev-parse", "--short", "--verify", `${values.beside}^{commit}`], { cwd: here });
const commit = beside?.toString().trim();

await installPeers();
await bundleTree();
if (commit !== undefined) await bundleCommit(commit);
const shared = await mkdtemp(join(process.env.JOBQ_BENCH_DIR ?? tmpdir(), "jobq-bench-"));
try {
  for (const group of groups) await measure(group);
} finally {
  await rm(shared, { recursive: true, force: true });
}

/** The peers are not part of the project's own installation: one of them takes more than a minute to compile. */
async function installPeers() {
  const changedAt = async (file) => (await stat(join(here, file)).catch(() => ({ mtimeMs: 0 }))).mtimeMs;
  if ((await changedAt("node_modules/.package-lock.json")) >= (await changedAt("package-lock.json"))) return;
  console.log("Installing the peers; better-sqlite3 may have to be compiled.");
  execFileSync("npm", ["ci", "--prefix", here], { stdio: "inherit" });
}

async function measure(group) {
  const { workloads, packages = [] } = await import(`./groups/${group}.mjs`);
  const kept = [];
  const all = await workloads(options);
  if (all.length === 0) return console.log(`\n${group}: left out, no server answers`);
  for (const workload of all) {
    if (!workload.id.includes(values.only)) continue;
    console.log(`\n${group}: ${workload.title}`);
    const contestants = workload.contenders.flatMap(withCommit);
    if (workload.prepare) {
      for (const commit of new Set(contestants.map(({ commit }) => commit))) {
        await round({ group, workload: workload.id }, commit);
      }
    }
    const results = new Map(contestants.map(({ name }) => [name, []]));
    const failed = new Set();
    // Interleaved, so that a slow minute of the machine is everybody's.
    for (let n = 0; n < rounds; n++) {
      for (const { name, contender, commit } of contestants) {
        if (failed.has(name)) continue;
        try {
          const result = await round({ group, workload: workload.id, contender }, commit);
          results.get(name).push(result);
          console.log(`  ${n + 1}/${rounds}  ${name.padEnd(28)} ${show(result, workload.unit)}`);
        } catch (error) {
          failed.add(name);
          process.exitCode = 1;
          console.error(error.message);
        }
      }
    }
    await workload.cleanUp?.();
    const { id, title, shape, unit, better, ratio } = workload;
    const contenders = contestants.map(({ name, note }) =>
      failed.has(name) ? { name, note: "failed" } : { name, note, ...summary(results.get(name)) },
    );
    kept.push({ id, title, shape, unit, better, ratio, contenders });
  }
  const report = {
    group,
    at: new Date().toISOString(),
    rounds,
    machine: await describeMachine(shared),
    versions: versions(packages),
    workloads: kept,
  };
  console.log(`\n${render(report)}`);
  if (!values.quick) await keep(report);
}

/** A contender, and where it is jobq and another commit is asked for, that commit's behind it. */
function withCommit({ name, note }) {
  const own = { name, note, contender: name };
  if (commit === undefined || !/^jobq\b/.test(name)) return [own];
  return [own, { name: name.replace("jobq", commit), note: `jobq as it was at ${commit}`, contender: name, commit }];
}

/** Runs one contender once, or prepares a workload, in a process of its own. */
function round(task, commit) {
  return new Promise((resolve, reject) => {
    const child = fork(join(here, "round.mjs"), [JSON.stringify({ ...task, shared, options })], {
      execArgv: ["--expose-gc"],
      env: { ...process.env, ...environmentOf(commit) },
    });
    let result;
    child.once("message", (message) => {
      result = message;
    });
    child.once("exit", (code) => {
      if (code === 0) resolve(result);
      else reject(new Error(`${task.group} ${task.workload} ${task.contender ?? "prepare"} ended with ${code}`));
    });
  });
}

/** The median of each number, and the least and greatest main one. */
function summary(results) {
  const medians = Object.keys(results[0] ?? {}).map((key) => [key, median(results.map((result) => result[key]))]);
  const values = results.map(({ value }) => value);
  return { ...Object.fromEntries(medians), least: Math.min(...values), greatest: Math.max(...values), values };
}

function show({ value, ...rest }, unit) {
  const extras = Object.entries(rest).map(([key, number]) => `${key} ${number.toPrecision(4)}`);
  return [`${value.toPrecision(4)} ${unit}`, ...extras].join(", ");
}

function versions(packages) {
  const require = createRequire(import.meta.url);
  const found = packages.map((name) => {
    const path = require.resolve.paths(name)?.map((folder) => join(folder, name, "package.json")) ?? [];
    for (const candidate of path) {
      try {
        return [name, require(candidate).version];
      } catch {
        // not in this folder
      }
    }
    return [name, "?"];
  });
  return Object.fromEntries(found);
}
