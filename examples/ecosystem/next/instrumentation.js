/** Next.js calls it once when a server starts: the worker lives as long as the server does. */
export async function register() {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { worker } = await import("./lib/queue.js");
  await worker.start();
}
