import type { Timestamp } from "@jobq/core";
import type { FaultCode } from "../fault.ts";
import type { Role } from "./roles.ts";

/** A request that was served. Neither its query nor its body nor its headers are in it. */
export interface RequestLine {
  readonly at: Timestamp;
  /** Also in the response, as `X-Request-ID`. */
  readonly requestId: string;
  readonly method: string;
  /** The route as the document names it; undefined when there is none. */
  readonly route: string | undefined;
  readonly status: number;
  readonly durationMs: number;
  /** The name of the key; undefined when none was accepted. */
  readonly caller: string | undefined;
}

/** A request that changed something, or tried to. */
export interface AuditLine {
  readonly at: Timestamp;
  readonly requestId: string;
  readonly caller: string | undefined;
  readonly role: Role | undefined;
  /** What was asked for, by the name that the document gives it. */
  readonly operation: string;
  /** What it was asked of: the parameters of the path. */
  readonly target: Readonly<Record<string, string>>;
  readonly status: number;
  /** Why it was refused, where it was. */
  readonly code: FaultCode | undefined;
}
