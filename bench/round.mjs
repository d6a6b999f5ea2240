// One contender, once, in a process of its own: what it leaves behind, compiled or on the heap, touches nobody else.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

const { group, workload: id, contender: name, shared, options } = JSON.parse(process.argv[2] ?? "");
const { workloads } = await import(`./groups/${group}.mjs`);
const folder = join(shared, `round-${process.pid}`);
const contenderOf = (workload) => workload.contenders.find((one) => one.name === name);
const find = async (options) => (await workloads(options)).find((one) => one.id === id);

async function run(workload, name) {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  return contenderOf(workload).run({ folder: own, shared });
}

const workload = await find(options);
if (name === undefined) await workload.prepare?.({ shared });
else {
  // The same first, so that everybody's code is compiled, and the heap as large as it will be, when it counts. Nothing is
  // collected in between: the engine would forget the shapes of objects of which there are none left, and with them what
  // it compiled.
  for (let time = 0; time < workload.warm; time++) await run(workload, `warm-${time}`);
  const results = [];
  for (let time = 0; time < (workload.times ?? 1); time++) results.push(await run(workload, `counts-${time}`));
  // The one in the middle.
  const [result] = results.sort((a, b) => a.value - b.value).splice(results.length >> 1);
  await new Promise((resolve) => process.send(result, resolve));
}
await rm(folder, { recursive: true, force: true });
process.exit(0);
