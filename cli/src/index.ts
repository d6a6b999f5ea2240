export { EXIT_CODES } from "./exit-codes.ts";
export type { Io, Output } from "./io.ts";
export { run } from "./run.ts";
export { openStore } from "./store/open-store.ts";
export type { OpenedStore, OpenOptions, SqlStore } from "./store/opened-store.ts";
export type { SqlAddress, StoreAddress } from "./store/store-address.ts";
export { storeAddress } from "./store/store-address.ts";
