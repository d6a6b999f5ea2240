import type { JobHead, JobId } from "@jobq/core";

/**
 * The jobs in turns, each after those of its members and children that are among them: a bundle that is reset waits
 * for the members that have been, and ends at once without one. What ends jobs goes through the turns from the last.
 */
export function childrenFirst<J extends Pick<JobHead, "id" | "parent">>(jobs: readonly J[]): readonly (readonly J[])[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const depths = new Map<JobId, number>();
  const depthOf = ({ id, parent }: J): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    depths.set(id, 0); // ends a chain that leads back to itself
    const above = parent === undefined ? undefined : byId.get(parent);
    const depth = above ? depthOf(above) + 1 : 0;
    depths.set(id, depth);
    return depth;
  };
  const turns: J[][] = [];
  for (const job of jobs) {
    const depth = depthOf(job);
    turns[depth] ??= [];
    turns[depth].push(job);
  }
  return turns.filter((turn) => turn !== undefined).reverse();
}
