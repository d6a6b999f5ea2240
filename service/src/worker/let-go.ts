import type { ModuleContext, ReservedJob } from "../module.ts";

/** Gives a job back, to be ready again in `ms`: it costs no attempt. What goes wrong is reported as `doing`. */
export async function letGo(context: ModuleContext, job: ReservedJob, ms: number, doing: string): Promise<void> {
  const now = context.clock.now();
  const { id, token } = job;
  try {
    await context.commit({ now, apply: [{ type: "suspend", id, token, at: now + ms }] });
  } catch (error) {
    context.report(error, doing);
  }
}
