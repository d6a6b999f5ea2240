/** Does the work while the wall clock of this process is set ahead or back by `ms`, and sets it right again. */
export async function withWallClockSet<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const { now } = Date;
  Date.now = () => now.call(Date) + ms;
  try {
    return await work();
  } finally {
    Date.now = now;
  }
}
