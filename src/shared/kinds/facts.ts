/** What any kind can tell of a live broker; kinds add their own. Every field may be unknown (undefined). */
export interface BrokerFacts {
  /** `3.10.8` */
  version?: string;
  product?: string;
  /** A name by which people tell clusters apart. */
  clusterName?: string;
}
