/**
 * A Worker that only produces: it takes sign-ups at the edge and enqueues a job for each at a jobq server elsewhere, by
 * nothing but `fetch`. The id of the request is the unique key, so that a browser may send it again.
 */
import { createClient } from "@jobq/server/client";

interface Bindings {
  /** Where the server is, such as `https://jobs.example.com`. */
  readonly JOBS_URL: string;
  readonly JOBS_KEY: string;
}

interface SignUp {
  readonly email: string;
  readonly requestId: string;
}

export default {
  async fetch(request: Request, { JOBS_URL, JOBS_KEY }: Bindings): Promise<Response> {
    if (request.method !== "POST") return new Response("send a sign-up", { status: 405 });
    const { email, requestId } = (await request.json()) as SignUp;
    const queue = createClient({ url: JOBS_URL, key: JOBS_KEY });
    const id = await queue.enqueue("welcome", { email }, { unique: { key: requestId, while: "kept" } });
    return Response.json({ id }, { status: 202 });
  },
};
