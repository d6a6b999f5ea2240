import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { directory } from "../databases.ts";

const run = promisify(execFile);
const MEBIBYTE = 1024 * 1024;

/** A file system of its own, in memory, with some of its space taken up. */
export class SmallDisk {
  readonly path: string;
  readonly #ballast: string;
  readonly #remove: () => Promise<void>;

  private constructor(path: string, remove: () => Promise<void>) {
    this.path = path;
    this.#ballast = join(path, "ballast");
    this.#remove = remove;
  }

  /** Mounts it, which takes an administrator. */
  static async mount(mebibytes: number, ballastMebibytes: number): Promise<SmallDisk> {
    const { path, remove } = await directory();
    try {
      await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path]);
    } catch (error) {
      await remove();
      throw error;
    }
    const disk = new SmallDisk(path, remove);
    await writeFile(disk.#ballast, new Uint8Array(ballastMebibytes * MEBIBYTE));
    return disk;
  }

  /** Gives the space back that was taken up. */
  free(): Promise<void> {
    return rm(this.#ballast);
  }

  async unmount(): Promise<void> {
    await run("umount", [this.path]);
    await this.#remove();
  }
}

/** Why no disk can be mounted here; undefined when it can. Under JOBQ_TEST_REQUIRE_ALL=1 it has to. */
export async function whyNoDisk(): Promise<string | undefined> {
  try {
    await (await SmallDisk.mount(1, 0)).unmount();
    return undefined;
  } catch (error) {
    if (process.env.JOBQ_TEST_REQUIRE_ALL === "1") throw error;
    return error instanceof Error ? error.message.trim() : String(error);
  }
}
