import { ManualClock } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createServer, type JobServer, type ServerOptions } from "@jobq/server";
import { createService, type JobService, type ReservedJob, type ServiceOptions } from "@jobq/service";
import { assertDocumented } from "./contract.ts";

export const NOW = Date.UTC(2026, 0, 1);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire is what the test says it is
  readonly body: any;
}

export interface Rig {
  readonly clock: ManualClock;
  readonly svc: JobService;
  readonly server: JobServer;
  /** What was reported as an `error` event, as `doing: message`. */
  readonly errors: string[];
  /** Sends a request and reads the response; a body that is no string is sent as JSON. */
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
}

export interface RigOptions extends ServerOptions {
  readonly service?: Partial<ServiceOptions>;
}

/** A server over a service on fresh memory stores, all under a manual clock. */
export function rig({ service, ...options }: RigOptions = {}): Rig {
  const clock = new ManualClock(NOW);
  const svc = createService({
    jobs: memoryJobs({ clock }),
    topics: memoryTopics(),
    random: () => 0.5,
    ...service,
  });
  const errors: string[] = [];
  svc.on("error", ({ doing, error }) => errors.push(`${doing}: ${(error as Error).message}`));
  const server = createServer(svc, options);
  return { clock, svc, server, errors, call: caller(server) };
}

export function caller(server: JobServer, base = "http://localhost"): Rig["call"] {
  return async (method, path, body, headers = {}) => {
    const answer = await read(await server.fetch(request(base + path, method, body, headers)));
    assertDocumented(method, path, answer.status, answer.headers.get("content-type"), answer.body);
    return answer;
  };
}

export function request(url: string, method: string, body: unknown, headers: Record<string, string> = {}): Request {
  if (body === undefined) return new Request(url, { method, headers });
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request(url, { method, headers: { "content-type": "application/json", ...headers }, body: text });
}

export async function read(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const text = await response.text();
  const isJson = headers.get("content-type")?.startsWith("application/json");
  return { status, headers, body: isJson && text !== "" ? JSON.parse(text) : text };
}

/** Lets everything go on that waits for nothing but promises. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** The object with some of its members replaced. */
export function overriding<T extends object>(object: T, members: Partial<T>): T {
  return new Proxy(object, {
    get(target, key) {
      if (key === "fuse") return undefined; // a fused store would pass the replacements by
      const member = Reflect.get(members, key) ?? Reflect.get(target, key, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Reserves the next job of a topic. */
export async function reserveOne(svc: JobService, topic: string): Promise<ReservedJob> {
  const [job] = await svc.reserve(topic);
  if (!job) throw new Error("there is no job to reserve");
  return job;
}
