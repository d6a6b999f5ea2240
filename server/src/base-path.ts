import { wrongType } from "@jobq/core";

/**
 * Checks a prefix of paths as `createServer` does: for programs that read it from elsewhere, and name that. Returns it
 * without the `/` that stands for none.
 * @param what what the error calls it
 * @throws {TypeError} no path such as `/queue`
 */
export function checkBasePath(path: string, what = "basePath"): string {
  if (path === "" || path === "/") return "";
  if (typeof path === "string" && /^(\/[\w.~-]+)+$/.test(path)) return path;
  throw wrongType(what, "a path such as /queue", path);
}
