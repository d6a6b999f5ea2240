import type { Caller } from "./access/api-keys.ts";
import { OriginGuard } from "./access/origin-guard.ts";
import { RateLimits } from "./access/rate-limit.ts";
import { includesRole } from "./access/roles.ts";
import type { Backend } from "./backend.ts";
import { Fault, faultOf, invalid } from "./fault.ts";
import { readBody } from "./request/read-body.ts";
import { readQuery } from "./request/read-query.ts";
import { RequestIds } from "./request/request-ids.ts";
import { parseStrictJson } from "./request/strict-json.ts";
import { WaitingCalls } from "./request/waiting-calls.ts";
import { type HeaderRecord, respond } from "./respond.ts";
import type { Reply, Route } from "./route.ts";
import { object, type Schema } from "./schema/schema.ts";
import { validate } from "./schema/validate.ts";
import { inTime } from "./time/in-time.ts";
import { errorForm } from "./wire/error-form.ts";

/** What becomes known of a request while it is served. */
interface Course {
  readonly requestId: string;
  readonly startedAt: number;
  caller: Caller | undefined;
  fault: Fault | undefined;
}

/** The parameters of a path, by name, decoded. */
export type PathParams = Readonly<Record<string, string>>;

const NOBODY: Caller = { name: "anonymous", role: "admin" };
const NO_QUERY = object({});

/** Serves requests: every one takes the same steps, whatever its route. */
export class RequestHandler {
  readonly #backend: Backend;
  readonly #guard: OriginGuard;
  readonly #rates: RateLimits;
  readonly #ids = new RequestIds();
  readonly #waiting: WaitingCalls;

  constructor(backend: Backend) {
    const { access, hosts, cors, limits } = backend.settings;
    this.#backend = backend;
    this.#guard = new OriginGuard({ loopbackOnly: access === "loopback", hosts, cors });
    this.#rates = new RateLimits(backend.monotonic);
    this.#waiting = new WaitingCalls(limits.waiting);
  }

  /**
   * Serves a request to a route, or to none.
   * @param params those of the path
   */
  async serve(
    request: Request,
    params: PathParams,
    route: Route | undefined,
    allowed: readonly string[] = [],
  ): Promise<Response> {
    const course: Course = {
      requestId: this.#ids.of(request),
      startedAt: this.#backend.clock.now(),
      caller: undefined,
      fault: undefined,
    };
    const headers = { "x-request-id": course.requestId, ...this.#guard.headersFor(request) };
    const response = await this.#respond(request, params, route, allowed, course, headers);
    // Nobody will read it: what is made as it is read, such as events, would wait for a reader for ever.
    if (request.method === "HEAD") await response.body?.cancel();
    if (route?.changes) this.#backend.health.changed(course.fault);
    this.#tell(request, params, route, course, response.status);
    return response;
  }

  /** Ends the calls that wait, now and later. */
  close(): void {
    this.#waiting.close();
  }

  async #respond(
    request: Request,
    params: PathParams,
    route: Route | undefined,
    allowed: readonly string[],
    course: Course,
    headers: HeaderRecord,
  ): Promise<Response> {
    try {
      this.#guard.check(request);
      if (!route && request.method === "OPTIONS" && allowed.length > 0) return this.#options(request, allowed, headers);
      if (!route || route.role !== undefined) course.caller = await this.#admit(request);
      if (!route) throw missing(request, allowed);
      if (course.caller && route.role && !includesRole(course.caller.role, route.role)) {
        throw new Fault("forbidden", `this takes the role ${route.role}`);
      }
      const reply = await this.#run(request, params, route, course.caller ?? NOBODY);
      return reply instanceof Response ? withHeaders(reply, headers) : respond(reply.status, reply.body, headers);
    } catch (error) {
      const fault = faultOf(error);
      course.fault = fault;
      const isWait = route?.waits && fault.code === "timeout"; // as long as it was asked to
      if (fault.status >= 500 && !isWait) this.#backend.report(error, `serving ${route?.operation ?? "a request"}`);
      return respond(fault.status, errorForm(fault), { ...headers, ...fault.options.headers });
    }
  }

  #options(request: Request, allowed: readonly string[], headers: HeaderRecord): Response {
    return respond(204, undefined, { ...headers, allow: allowed.join(", "), ...this.#guard.preflightHeaders(request) });
  }

  /** @throws {Fault} unauthorized, rate_limited */
  async #admit(request: Request): Promise<Caller> {
    const { access, keys, rate } = this.#backend.settings;
    const caller = access === "keys" ? await keys.callerOf(presentedKey(request)) : NOBODY;
    if (!caller) {
      throw new Fault("unauthorized", "the key is not known", { headers: { "www-authenticate": "Bearer" } });
    }
    const limit = caller.rate ?? rate;
    if (limit) this.#rates.take(caller.name, limit);
    return caller;
  }

  async #run(request: Request, given: PathParams, route: Route, caller: Caller): Promise<Reply> {
    const params = route.params ? checked(route.params, given) : {};
    const query = readQuery(queryOf(request.url), route.query ?? NO_QUERY);
    const body = route.body ? await this.#body(request, route, route.body) : undefined;
    const call = { backend: this.#backend, params, query, body, request, caller };
    if (route.waits) return this.#waiting.run(request, (signal) => route.run({ ...call, signal }));
    return this.#inTime(route.run({ ...call, signal: undefined }));
  }

  async #body(request: Request, { bodyOptional }: Route, schema: Schema): Promise<unknown> {
    const { limits, timeoutsMs } = this.#backend.settings;
    const { monotonic: clock } = this.#backend;
    const text = await readBody(request, { size: limits.body, timeoutMs: timeoutsMs.body, clock });
    if (text.trim() === "") {
      if (bodyOptional) return checked(schema, {});
      throw new Fault("invalid_request", "a body of JSON is needed");
    }
    return checked(schema, parseStrictJson(text, limits.depth));
  }

  /** @throws {Fault} timeout */
  #inTime(replied: Promise<Reply> | Reply): Promise<Reply> | Reply {
    if (!(replied instanceof Promise)) return replied;
    const { monotonic, settings } = this.#backend;
    return inTime(monotonic, settings.timeoutsMs.request, replied, () => {
      return new Fault("timeout", "the request took too long; what it asked for may still happen");
    });
  }

  #tell(request: Request, params: PathParams, route: Route | undefined, course: Course, status: number): void {
    const { log, audit } = this.#backend.settings;
    const { requestId, startedAt, caller, fault } = course;
    try {
      log?.({
        at: startedAt,
        requestId,
        method: request.method,
        route: route?.path,
        status,
        durationMs: this.#backend.clock.now() - startedAt,
        caller: caller?.name,
      });
      if (!audit || !route?.changes) return;
      const { operation } = route;
      const target = printable(params);
      audit({
        at: startedAt,
        requestId,
        caller: caller?.name,
        role: caller?.role,
        operation,
        target,
        status,
        code: fault?.code,
      });
    } catch (error) {
      this.#backend.report(error, "logging a request");
    }
  }
}

/** What callers wrote into a path, made fit for a log: without anything that could begin a new line there. */
function printable(params: PathParams): PathParams {
  const clean = (text: string): string => text.slice(0, 255).replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, clean(value)]));
}

function checked<T>(schema: Schema<T>, value: unknown): T {
  const verdict = validate(schema, value);
  if (verdict.ok) return verdict.value;
  throw invalid(verdict.flaw.field, verdict.flaw.message);
}

/** The key that a request comes with; the empty string when it comes with none. */
function presentedKey({ headers }: Request): string {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  const key = headers.get("x-api-key") ?? bearer;
  if (key) return key;
  throw new Fault("unauthorized", "a key is needed, as Authorization: Bearer or X-API-Key", {
    headers: { "www-authenticate": "Bearer" },
  });
}

function missing(request: Request, allowed: readonly string[]): Fault {
  if (allowed.length === 0) return new Fault("not_found", "there is nothing at this path");
  const allow = allowed.join(", ");
  return new Fault("method_not_allowed", `${request.method.slice(0, 20)} is not allowed here, but ${allow}`, {
    headers: { allow },
  });
}

function queryOf(url: string): URLSearchParams | undefined {
  const at = url.indexOf("?");
  return at < 0 ? undefined : new URLSearchParams(url.slice(at + 1).replace(/#.*$/s, ""));
}

function withHeaders(response: Response, headers: HeaderRecord): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}
