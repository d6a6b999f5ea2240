/**
 * @typedef {object} Layer
 * @property {readonly string[]} imports the packages its src may import besides its own files; a trailing `*` stands
 *   for anything
 * @property {readonly string[]} [passesOn] what a package it imports needs, which its package.json names so that it is
 *   installed: peers, and what only bundlers for the browser look for; its src must not import them
 * @property {ModuleRule} [modules] set where the subpaths of a package must not know each other
 *
 * @typedef {object} ModuleRule
 * @property {readonly string[]} seam the files of src that every module may import
 * @property {Readonly<Record<string, readonly string[]>>} uses module -> the modules whose entry file it may import
 * @property {Readonly<Record<string, readonly string[]>>} [packages] module -> the packages that it alone may import
 *
 * A module is a subpath of the package's exports map: its entry file, and the folder of src with its name. It may
 * import its own files, the seam and the entries it `uses`; the rest of the package must not import a module.
 */

/** What each package may import, by folder. Every workspace has a line here. */
export const layers = /** @type {Readonly<Record<string, Layer>>} */ ({
  core: { imports: [] },
  "adapters/job-memory": { imports: ["@jobq/core"] },
  "adapters/pq-memory": { imports: ["@jobq/core"] },
  "adapters/level": { imports: ["@jobq/core", "abstract-level", "classic-level"], passesOn: ["events"] },
  "adapters/job-level": { imports: ["@jobq/core", "@jobq/level"], passesOn: ["abstract-level", "classic-level"] },
  "adapters/pq-level": { imports: ["@jobq/core", "@jobq/level"], passesOn: ["abstract-level", "classic-level"] },
  "adapters/sql-kysely": { imports: ["@jobq/core", "kysely", "pg"] },
  service: {
    imports: ["@jobq/core"],
    modules: {
      // The two files of input/ need no engine: with them alone, a page that takes a retry policy takes no service.
      seam: ["module.ts", "input/check.ts", "input/retry-policy.ts"],
      uses: {
        cron: ["worker"],
        metrics: ["worker"],
        otel: ["worker"],
        testing: ["worker"],
        worker: ["retry"],
        workflow: ["retry", "worker"],
      },
      packages: {
        cron: ["croner"],
        encryption: ["@noble/ciphers"],
        metrics: ["prom-client"],
        otel: ["@opentelemetry/api"],
      },
    },
  },
  server: {
    imports: ["@jobq/core", "@jobq/service", "hono"],
    modules: {
      seam: [
        "create-server.ts",
        "fault.ts",
        "respond.ts",
        "access/loopback.ts",
        "static/static-file.ts",
        "wire/error-form.ts",
      ],
      uses: {},
      packages: { node: ["@hono/node-server", "node:*"] },
    },
  },
  jobq: { imports: ["@jobq/core", "@jobq/service", "@jobq/job-memory", "@jobq/pq-memory"] },
  cli: {
    imports: ["@jobq/*", "commander", "kysely", "@hono/node-server", "classic-level", "prom-client", "node:*"],
    passesOn: ["better-sqlite3", "mysql2", "pg"],
  },
  conformance: { imports: ["@jobq/core", "@jobq/service"] },
});
