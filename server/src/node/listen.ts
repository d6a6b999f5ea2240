import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { checkOptions, type Duration, durationMs, outOfRange, wrongType } from "@jobq/core";
import { isLoopback } from "../access/loopback.ts";
import type { JobServer } from "../create-server.ts";
import { Fault } from "../fault.ts";
import { respond } from "../respond.ts";
import { errorForm } from "../wire/error-form.ts";

/** Where to listen. */
export interface ListenOptions {
  /** 8080; 0 takes any that is free. */
  readonly port?: number;
  /** An address of this machine; `127.0.0.1`. */
  readonly host?: string;
}

/** A server that listens. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /**
   * Takes no new connections, ends streams and calls that wait, lets other requests end, but not past `deadline` (30
   * seconds), and frees the port. The service stays open: close it afterwards.
   */
  close(options?: { readonly deadline?: Duration }): Promise<void>;
}

/** How long the head of a request may take to arrive. */
const HEAD_TIMEOUT_MS = 15_000;
/** Longer than most proxies keep a connection, so that it is they who close it, and never under a request. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Serves a server over HTTP on Node.
 * @throws {TypeError | RangeError} an invalid option; a `host` that others reach, for a server without keys
 */
export async function listen(server: JobServer, options: ListenOptions = {}): Promise<Listening> {
  checkOptions(options, { port: true, host: true });
  const { port = 8080, host = "127.0.0.1" } = options;
  if (typeof host !== "string" || host === "") throw wrongType("host", "an address", host);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw outOfRange("port", "from 0 to 65535", port);
  if (server.access === "loopback" && !isLoopback(host)) {
    const wanted = "a loopback address for a server without keys, which newKey or `jobq keys` makes";
    throw outOfRange("host", wanted, host);
  }
  const serve = getRequestListener((request) => server.fetch(request), { hostname: host, errorHandler: badRequest });
  const http = createHttpServer({ headersTimeout: HEAD_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS }, serve);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen({ port, host }, () => {
      http.off("error", reject);
      resolve();
    });
  });
  return new NodeListening(server, http, host);
}

class NodeListening implements Listening {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly #server: JobServer;
  readonly #http: Server;
  readonly #sockets = new Set<Socket>();
  #closed: Promise<void> | undefined;

  constructor(server: JobServer, http: Server, host: string) {
    this.#server = server;
    this.#http = http;
    this.host = host;
    this.close = this.close.bind(this); // it is taken out of the object
    http.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.port = (http.address() as AddressInfo).port;
    this.url = `http://${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  async close(options: { readonly deadline?: Duration } = {}): Promise<void> {
    checkOptions(options, { deadline: true });
    const { deadline = "30s" } = options;
    const deadlineMs = durationMs(deadline, "deadline");
    this.#closed ??= this.#close(deadlineMs);
    return this.#closed;
  }

  async #close(deadlineMs: number): Promise<void> {
    const http = this.#http;
    const ended = new Promise<void>((resolve) => http.close(() => resolve()));
    // A connection that is kept alive would hold the server open: it goes with the last response on it.
    http.on("request", (_, response) => response.setHeader("connection", "close"));
    const sweep = setInterval(() => this.#closeIdle(), 50);
    const cut = setTimeout(() => http.closeAllConnections(), deadlineMs);
    this.#server.close();
    await ended;
    clearInterval(sweep);
    clearTimeout(cut);
  }

  /** Node does not count as idle what was opened ahead of a first request, as browsers do. */
  #closeIdle(): void {
    this.#http.closeIdleConnections();
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }
}

/** What is said to a request that is none, such as one whose Host header cannot be read. */
function badRequest(error: unknown): Response {
  const isTheirs = error instanceof Error && error.name === "RequestError";
  const fault = isTheirs
    ? new Fault("invalid_request", "the request is not well-formed")
    : new Fault("internal_error", "the request failed");
  return respond(fault.status, errorForm(fault), {});
}
