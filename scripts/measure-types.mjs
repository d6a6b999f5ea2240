// What a consumer's compiler pays for 100 definitions of jobs that are enqueued and run: `node scripts/measure-types.mjs`.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));

/** @param {number} definitions */
function programOf(definitions) {
  const numbers = Array.from({ length: definitions }, (_, number) => number);
  return `
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService } from "@jobq/service";
import { createWorker, defineJob } from "@jobq/service/worker";
const svc = createService({ jobs: memoryJobs(), topics: memoryTopics() });
${numbers
  .map(
    (number) => `
const job${number} = defineJob("job-${number}", {
  topic: "topic-${number}",
  maxRetries: ${number},
  run: async (payload: { id: string; field${number}: number; tags: string[] }, ctx) => ({ sum: payload.field${number}, attempt: ctx.attempt }),
});
await svc.enqueue(job${number}, { id: "a", field${number}: 1, tags: [] }, { delay: "1h" });`,
  )
  .join("\n")}
export const worker = createWorker(svc, { jobs: [${numbers.map((number) => `job${number}`).join(", ")}] });
`;
}

/**
 * How many types the compiler makes of generic ones for a program with so many definitions, and how long it takes.
 *
 * @param {number} definitions
 */
export function typeCost(definitions) {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const path = join(root, "tmp", `types-${definitions}.ts`);
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (file) => file === path || fileExists(file);
  host.getSourceFile = (file, target, ...rest) =>
    file === path ? ts.createSourceFile(file, programOf(definitions), target) : getSourceFile(file, target, ...rest);
  const program = ts.createProgram([path], options, host);
  const started = performance.now();
  const faults = ts.getPreEmitDiagnostics(program, program.getSourceFile(path));
  const ms = performance.now() - started;
  return { ms, instantiations: program.getInstantiationCount(), faults: faults.length };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  typeCost(0); // the compiler itself warms up
  for (const definitions of [0, 100]) {
    const { ms, instantiations, faults } = typeCost(definitions);
    console.log(`${definitions} definitions: ${Math.round(ms)} ms, ${instantiations} instantiations, ${faults} faults`);
  }
}
