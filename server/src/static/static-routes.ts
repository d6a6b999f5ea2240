import { Fault } from "../fault.ts";
import { SECURITY_HEADERS } from "../respond.ts";
import { type Route, route } from "../route.ts";
import { object } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";
import type { StaticFile, StaticPage } from "./static-file.ts";

/** A page may load and call nothing but this server, and runs no script or style that is written into it. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The routes of a page: the page itself, and its files. They hold nothing secret and need no key. */
export function staticRoutes(page: StaticPage, basePath: string): readonly Route[] {
  let files: Promise<ReadonlyMap<string, StaticFile>> | undefined;
  const serve = async (path: string, request: Request): Promise<Response> => {
    files ??= page.files().then((all) => new Map(all.map((file) => [file.path, file])));
    files.catch(() => {
      files = undefined; // to be tried again
    });
    const file = (await files).get(path);
    if (!file) throw new Fault("not_found", "there is nothing at this path");
    return respondWith(file, request);
  };
  return [
    ...(basePath === "" ? [] : [slashRoute(basePath)]),
    route({
      method: "GET",
      path: "/",
      operation: "page",
      tag: "page",
      summary: "The page",
      role: undefined,
      replies: { 200: { description: "the page", media: "text/html" } },
      run: ({ request }) => serve("", request),
    }),
    route({
      method: "GET",
      path: "/assets/{file}",
      operation: "pageFile",
      tag: "page",
      summary: "A file of the page",
      role: undefined,
      params: object({ file: nameSchema }),
      replies: { 200: { description: "the file" } },
      run: ({ request, params: { file } }) => serve(`assets/${file}`, request),
    }),
  ];
}

/** Leads from a base path without the slash behind it to the page, whose addresses are relative to that slash. */
function slashRoute(basePath: string): Route {
  // Relative, since a proxy may have taken something off in front of the base path.
  const location = `${basePath.slice(basePath.lastIndexOf("/") + 1)}/`;
  return route({
    method: "GET",
    path: "",
    operation: "pageWithSlash",
    tag: "page",
    summary: "The way to the page",
    role: undefined,
    replies: { 308: { description: "the same with a slash behind it" } },
    run: () => new Response(null, { status: 308, headers: { ...SECURITY_HEADERS, location } }),
  });
}

function respondWith({ path, type, gzip }: StaticFile, { headers: asked }: Request): Response {
  const isPage = path === "";
  const headers = {
    ...SECURITY_HEADERS,
    "content-type": type,
    "content-security-policy": isPage ? PAGE_POLICY : SECURITY_HEADERS["content-security-policy"],
    // The name of every other file changes with what is in it.
    "cache-control": isPage ? "no-cache" : "public, max-age=31536000, immutable",
    vary: "accept-encoding",
  };
  if (/\bgzip\b/.test(asked.get("accept-encoding") ?? "")) {
    // Without `encodeBody`, Workers would gzip it a second time; other runtimes do not know the option.
    const init = { headers: { ...headers, "content-encoding": "gzip" }, encodeBody: "manual" };
    return new Response(gzip, init);
  }
  return new Response(new Blob([gzip]).stream().pipeThrough(new DecompressionStream("gzip")), { headers });
}
