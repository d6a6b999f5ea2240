import type { Caller } from "./access/api-keys.ts";
import type { Role } from "./access/roles.ts";
import type { Backend } from "./backend.ts";
import type { Schema } from "./schema/schema.ts";

/** The methods that routes have. HEAD follows from GET, OPTIONS is the same for all. */
export type Method = "GET" | "POST" | "DELETE";

/** A response that a route may give. */
export interface ReplySpec<T = unknown> {
  readonly description: string;
  /** The body, as JSON; undefined where there is none. */
  readonly schema?: Schema<T>;
  /** The type of a body that is no JSON. */
  readonly media?: string;
}

type Replies = Readonly<Record<number, ReplySpec>>;
type BodyOf<R> = R extends { readonly schema: Schema<infer T> } ? T : undefined;

/** What a route comes to: a status with its body, or a response of its own where the body is no JSON. */
export type Reply<R extends Replies = Replies> =
  | { readonly [S in keyof R & number]: { readonly status: S; readonly body: BodyOf<R[S]> } }[keyof R & number]
  | Response;

/** For each status by itself, so that the status tells which body it is. */
type Replied<S extends number, B> = S extends number ? { readonly status: S; readonly body: B } : never;

/** A reply with that status and body. */
export function reply<const S extends number, B>(status: S, body: B): Replied<S, B> {
  return { status, body } as Replied<S, B>;
}

/** A request that passed every check. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  readonly backend: Backend;
  readonly params: P;
  readonly query: Q;
  /** What was sent; where a body may be left out and was, an empty object. */
  readonly body: B;
  readonly request: Request;
  readonly caller: Caller;
  /** Aborts when the caller has gone or the server closes; only routes that wait have one. */
  readonly signal: AbortSignal | undefined;
}

interface RouteSpec<P extends Schema, Q extends Schema, B extends Schema, R extends Replies> {
  readonly method: Method;
  /** As OpenAPI writes it, with `{name}` for a parameter. */
  readonly path: string;
  /** Its name in the document and in audit lines. */
  readonly operation: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** The least role that may call it; undefined when it is open to all, without a key. */
  readonly role: Role | undefined;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** True when the body may be left out. */
  readonly bodyOptional?: boolean;
  /** True when it may take as long as its caller asked for. */
  readonly waits?: boolean;
  /** True when it changes something, which is told in an audit line. */
  readonly changes?: boolean;
  readonly replies: R;
  readonly run: (call: Call<P["type"], Q["type"], B["type"]>) => Promise<Reply<R>> | Reply<R>;
}

/** One entry of the table of routes: what is served, checked and documented follows from it. */
export interface Route extends Omit<RouteSpec<Schema, Schema, Schema, Replies>, "run"> {
  readonly run: (call: Call) => Promise<Reply> | Reply;
}

/** An entry of the table, with the types of its parameters, body and replies held to its schemas. */
export function route<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  const R extends Replies = Replies,
>(spec: RouteSpec<P, Q, B, R>): Route {
  return spec as unknown as Route;
}
