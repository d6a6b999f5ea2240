import type { JobService, TopicMap } from "@jobq/service";
import { Hono } from "hono";
import { Backend } from "./backend.ts";
import { RequestHandler } from "./request-handler.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes/table.ts";
import { type Access, type ServerOptions, settingsOf } from "./server-options.ts";
import { staticRoutes } from "./static/static-routes.ts";

/** An HTTP API over a service. */
export interface JobServer {
  /** Serves a request. It is bound to the server: pass it to `Deno.serve` or `Bun.serve`. */
  readonly fetch: (request: Request, ...platform: unknown[]) => Response | Promise<Response>;
  /** Who may call. */
  readonly access: Access;
  /**
   * Ends streams and waiting calls, and refuses new ones; other requests are still served. The service stays open:
   * close it afterwards.
   */
  close(): void;
}

/**
 * Creates an HTTP API over a service, for any platform that has `fetch`. Without keys it serves only this machine.
 * @throws {TypeError | RangeError} an invalid or unknown option
 */
export function createServer<Topics extends TopicMap>(svc: JobService<Topics>, options: ServerOptions = {}): JobServer {
  const settings = settingsOf(options);
  const backend = new Backend(svc as JobService, settings, ROUTES);
  const handler = new RequestHandler(backend);
  const app = new Hono();
  const { basePath, dashboard } = settings;
  const routes = dashboard ? [...ROUTES, ...staticRoutes(dashboard, basePath)] : ROUTES;
  if (dashboard) backend.activity.start();
  for (const route of routes) {
    const path = basePath + honoPath(route.path);
    const paths = route.operation === "index" ? [path, `${path}/`] : [path];
    app.on(route.method, paths, ({ req }) => handler.serve(req.raw, req.param(), route));
  }
  const methodsAt = methodsByPath(routes, basePath);
  app.notFound(({ req }) => handler.serve(req.raw, {}, undefined, methodsAt(req.path)));
  const fixed = fixedRoutes(routes, basePath);
  return {
    fetch: (request, ...platform) => {
      const route = fixed.get(`${request.method} ${pathOf(request.url)}`);
      return route ? handler.serve(request, {}, route) : app.fetch(request, ...(platform as []));
    },
    access: settings.access,
    close() {
      backend.close();
      handler.close();
    },
  };
}

/** Routes whose paths have no parameters, by method and path: to find them so takes 3 % off what a submission costs. */
function fixedRoutes(routes: readonly Route[], basePath: string): ReadonlyMap<string, Route> {
  const fixed = routes.filter(({ path }) => !path.includes("{"));
  return new Map(fixed.map((route) => [`${route.method} ${basePath}${route.path}`, route]));
}

function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** `{name}` as Hono writes it. */
function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

/** Which methods there are at a path, none where there is nothing. */
function methodsByPath(routes: readonly Route[], basePath: string): (path: string) => readonly string[] {
  const paths = routes.map(({ method, path }: Route) => ({
    method,
    pattern: new RegExp(`^${basePath}${path}$`.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")),
  }));
  return (path) => {
    const methods = paths.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    if (methods.length === 0) return [];
    return [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])];
  };
}
