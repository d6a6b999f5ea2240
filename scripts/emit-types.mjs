// The declarations of the package in this folder, file by file, beside what is built of it. Bundling them, as tsup does,
// takes four times as long and gives users nothing.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
const EMIT = [
  ...["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--stripInternal"],
  ...["--allowImportingTsExtensions", "false", "--rewriteRelativeImportExtensions"],
];

const parts = ["tsconfig.json", ...readdirSync("src").map((name) => `src/${name}/tsconfig.json`)];
for (const part of parts.filter((path) => existsSync(path))) {
  execFileSync(process.execPath, [tsc, "-p", part, ...EMIT, "--rootDir", "src", "--outDir", "dist"], {
    stdio: "inherit",
  });
}

// The compiler leaves the endings of sources in the imports of declarations; those of what is built are wanted.
for (const name of readdirSync("dist", { recursive: true, encoding: "utf8" })) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join("dist", name);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"'));
}
