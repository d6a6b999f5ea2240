import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";

const RESULTS = new URL("results/", import.meta.url);
const OWN = new Set(["name", "note", "value", "least", "greatest", "values"]);

/** Keeps a report, over that of an earlier run of the group, and renders all of them anew. */
export async function keep(report) {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${report.group}.json`, RESULTS), `${JSON.stringify(report, undefined, 2)}\n`);
  const files = (await readdir(RESULTS)).filter((file) => file.endsWith(".json")).sort();
  const reports = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(new URL(file, RESULTS), "utf8"))),
  );
  const head =
    "# Results\n\nWritten by `npm run bench`; see [how it measures](../README.md). Each number is the median of its rounds, with the least and the greatest behind it; the rounds of one table were interleaved in one run.\n";
  await writeFile(new URL("README.md", RESULTS), [head, ...reports.map(render)].join("\n"));
}

/** A report as Markdown. */
export function render({ group, at, rounds, machine, versions, workloads }) {
  const facts = Object.entries(machine).map(([key, value]) => `${key} ${value}`);
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [`## ${group}`, "", `${at.slice(0, 10)}, ${rounds} rounds; ${facts.join("; ")}.`];
  if (packages.length > 0) lines.push("", `${packages.join(", ")}.`);
  return [...lines, "", ...workloads.map(renderWorkload)].join("\n");
}

function renderWorkload({ title, shape, unit, ratio, contenders }) {
  const extras = [...new Set(contenders.flatMap((one) => Object.keys(one).filter((key) => !OWN.has(key))))];
  const rows = contenders.map((one) => [
    one.name,
    one.value === undefined ? "–" : `**${number(one.value)}** (${number(one.least)} – ${number(one.greatest)})`,
    ...extras.map((key) => (one[key] === undefined ? "" : number(one[key]))),
    one.note,
  ]);
  const table = [["", unit, ...extras, "what it is"], ["---", "---:", ...extras.map(() => "---:"), "---"], ...rows];
  const lines = [`### ${title}`, "", shape, "", ...table.map((row) => `| ${row.join(" | ")} |`), ""];
  const [a, b] = (ratio ?? []).map((name) => contenders.find((one) => one.name === name)?.value);
  if (a !== undefined && b !== undefined) lines.push(`${ratio[0]} : ${ratio[1]} = ${(a / b).toFixed(2)}`, "");
  return lines.join("\n");
}

function number(value) {
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return Number(value.toPrecision(3)).toString();
}
