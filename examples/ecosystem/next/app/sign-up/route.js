import { svc, welcome } from "../../lib/queue.js";

export async function POST(request) {
  return Response.json({ id: await svc.enqueue(welcome, await request.json()) });
}
