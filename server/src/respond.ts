/** What every response says, so that no browser makes more of it than it is. */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

/** Headers by name. */
export type HeaderRecord = Readonly<Record<string, string>>;

/** A response with a body of JSON, or without one. */
export function respond(status: number, body: unknown, headers: HeaderRecord): Response {
  if (body === undefined) return new Response(null, { status, headers: { ...SECURITY_HEADERS, ...headers } });
  // Passed as a plain object, because a server on Node then writes them without making a Headers of them.
  const all = { ...SECURITY_HEADERS, "content-type": "application/json; charset=utf-8", ...headers };
  return new Response(JSON.stringify(body), { status, headers: all });
}
