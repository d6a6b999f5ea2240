export type { DefinedRequest } from "../module.ts";
export type { BundleEvent } from "./bundle-events.ts";
export type {
  BundleEnd,
  BundleEndOptions,
  BundleOptions,
  BundleRequest,
  BundleRules,
  NestedBundle,
} from "./bundle-options.ts";
export type { BundleHead, BundleRecord } from "./bundle-record.ts";
export { type BundleReceipt, Bundles, createBundles } from "./bundles.ts";
export type { ListOptions } from "./list-options.ts";
export { OpenBundle } from "./open-bundle.ts";
