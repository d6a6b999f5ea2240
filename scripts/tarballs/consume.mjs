import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./project.mjs";

/**
 * Each specifier is imported, and required, by the Node that runs this.
 *
 * @param {string} folder
 * @param {readonly string[]} specifiers
 */
export async function load(folder, specifiers) {
  const list = JSON.stringify(specifiers);
  writeFileSync(
    join(folder, "imports.mjs"),
    `for (const specifier of ${list})
  if (Object.keys(await import(specifier)).length === 0) throw new Error(specifier + " exports nothing");\n`,
  );
  writeFileSync(
    join(folder, "requires.cjs"),
    `for (const specifier of ${list})
  if (Object.keys(require(specifier)).length === 0) throw new Error(specifier + " exports nothing");\n`,
  );
  await run(process.execPath, ["imports.mjs"], folder);
  await run(process.execPath, ["requires.cjs"], folder);
}

const STRICT = [
  ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"],
  ...["--target", "es2022", "--lib", "es2023,esnext.disposable,dom", "--types", "node", "--pretty", "false"],
];

/** How a stranger may have set up the compiler. `require` of an ES module has types from `nodenext` of 5.8 on. */
const SETTINGS = {
  node16: ["--module", "node16", "--moduleResolution", "node16"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
};

/**
 * The faults that the compiler finds in our declarations and in a program that uses them, without `skipLibCheck`.
 *
 * @param {string} folder
 * @param {readonly string[]} specifiers
 * @returns {Promise<string[]>}
 */
export async function faultsOfTypes(folder, specifiers) {
  const names = specifiers.map((specifier, index) => `import * as m${index} from "${specifier}";`);
  const uses = specifiers.map((_, index) => `m${index}`).join(", ");
  writeFileSync(join(folder, "every.mts"), `${names.join("\n")}\nexport const all: object[] = [${uses}];\n`);
  copyFileSync(new URL("consumer/program.ts", import.meta.url), join(folder, "program.mts"));
  const found = await Promise.all(
    Object.entries(SETTINGS).map(([name, options]) => faultsUnder(folder, name, options)),
  );
  return found.flat();
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {readonly string[]} options
 */
async function faultsUnder(folder, name, options) {
  const tsc = join(folder, "node_modules/typescript/bin/tsc");
  try {
    await run(process.execPath, [tsc, ...STRICT, ...options, "every.mts", "program.mts"], folder);
    return [];
  } catch (error) {
    const lines = String(error).split("\n").slice(1);
    const ours = lines.filter((line) => /^(every|program|node_modules\/@?jobq\/)/.test(line));
    if (ours.length === 0 && !lines.some((line) => line.startsWith("node_modules/"))) throw error;
    return ours.map((line) => `types, ${name}: ${line}`); // others' declarations are not ours to put right
  }
}
