/** An object that a broker has because of a setting, and that is not drawn. */
export interface DerivedObject {
  noun: string;
  name: string;
  /** Short: `headers`, `quorum · 2 s`. */
  facts: string;
  /** Of queues: their id among the counters of nodes. */
  id?: string;
  /** Of waiting queues: how long each message stays, milliseconds. */
  delayMs?: number;
}

/** What follows from the settings of one link; worked out from the flow whenever it is shown, never stored. */
export interface DerivedGroup {
  /** The link whose settings ask for it. */
  link: string;
  /** The node it is shown at. */
  node: string;
  objects: DerivedObject[];
}
