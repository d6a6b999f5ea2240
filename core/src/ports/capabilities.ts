/** What a store promises beyond its port; the service and the conformance kit act on it. */
export interface Capabilities {
  /** What was acknowledged outlives the process. */
  readonly durable: boolean;
  /** Other processes may use the same store, so the service also has to look by itself. */
  readonly shared: boolean;
  /**
   * Transactions of its users lock single jobs and keys: a unit that meets one is refused as `LOCKED`, soon, while the
   * others of its commit are stored. Without it no unit ever is.
   */
  readonly rowLocks?: boolean | undefined;
}
