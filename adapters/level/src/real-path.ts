import { builtinModule } from "./runtime.ts";

interface FileSystem {
  readonly realpathSync: { native(path: string): string };
}

interface Paths {
  basename(path: string): string;
  dirname(path: string): string;
  join(...parts: string[]): string;
  resolve(path: string): string;
}

/**
 * The absolute path that the file system knows this one by: links, case and the current directory resolved, of a file
 * that does not exist yet as far as its parents do. Without a file system, or when it refuses, the path as it is.
 */
export function realPath(path: string): string {
  const [files, paths] = [builtinModule<FileSystem>("node:fs"), builtinModule<Paths>("node:path")];
  if (!files || !paths) return path;
  try {
    let [parent, rest] = [path, ""];
    for (;;) {
      const real = realPathOf(files, parent);
      if (real !== undefined) return paths.join(real, rest);
      rest = paths.join(paths.basename(parent), rest);
      if (paths.dirname(parent) === parent) return paths.resolve(path);
      parent = paths.dirname(parent);
    }
  } catch {
    // What the file system refuses here, it refuses again, with a reason, when the database is opened.
    return path;
  }
}

function realPathOf(files: FileSystem, path: string): string | undefined {
  try {
    return files.realpathSync.native(path);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}
