import { callers, countdown, rate } from "./measure.mjs";
import { URL, withSchema } from "./postgres.mjs";

/** DBOS as its guide has it: registered functions, called directly, each a workflow that is recorded. */
export function withDbos(work) {
  return withSchema(async (schema) => {
    const { DBOS } = await import("@dbos-inc/dbos-sdk");
    const logger = { debug() {}, info() {}, warn() {}, error: console.error };
    DBOS.setConfig({
      name: "bench",
      systemDatabaseUrl: URL,
      systemDatabaseSchemaName: schema,
      systemDatabasePoolSize: 40,
      logger,
    });
    const flow = DBOS.registerWorkflow(
      async (steps) => {
        for (let step = 0; step < steps; step++) await DBOS.runStep(async () => step, { name: `step-${step}` });
      },
      { name: "flow" },
    );
    await DBOS.launch();
    try {
      return await work(async (runs, steps, atOnce) => ({
        value: await rate(runs * steps, () => callers(runs, atOnce, () => flow(steps))),
      }));
    } finally {
      await DBOS.shutdown({ deregister: true });
    }
  });
}

/** OpenWorkflow on PostgreSQL. */
export function withOpenWorkflow(work) {
  return withSchema(async (schema) => {
    const { BackendPostgres } = await import("openworkflow/postgres");
    return withBackend(await BackendPostgres.connect(URL, { schema }), work);
  });
}

/** OpenWorkflow on SQLite. */
export async function withOpenWorkflowInSqlite(path, work) {
  const { BackendSqlite } = await import("openworkflow/sqlite");
  return withBackend(BackendSqlite.connect(path), work);
}

/** Runs that are there, and its worker. */
async function withBackend(backend, work) {
  const { OpenWorkflow } = await import("openworkflow");
  try {
    return await work(async (runs, steps, atOnce) => {
      const client = new OpenWorkflow({ backend });
      const { ended, tick } = countdown(runs);
      const flow = client.defineWorkflow({ name: "flow" }, async ({ step }) => {
        for (let each = 0; each < steps; each++) await step.run({ name: `step-${each}` }, async () => each);
        tick();
      });
      await callers(runs, atOnce, () => flow.run());
      const worker = client.newWorker({ concurrency: atOnce });
      const value = await rate(runs * steps, async () => {
        await worker.start();
        await ended;
      });
      await worker.stop();
      return { value };
    });
  } finally {
    await backend.stop();
  }
}
