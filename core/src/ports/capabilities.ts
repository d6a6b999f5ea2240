/** What a store offers beyond its port. The service and the conformance kit act on it. */
export interface Capabilities {
  /** Acknowledged data survives the process. */
  readonly durable: boolean;
  /** Other processes may use the same store, so the service also polls. */
  readonly shared: boolean;
  /**
   * Transactions of users lock single jobs and keys. A unit that meets such a lock is soon refused as `LOCKED`, while
   * the others of its commit are stored. Without this capability, no unit is ever refused so.
   */
  readonly rowLocks?: boolean | undefined;
}
