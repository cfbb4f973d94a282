import type { SandboxVersion } from './behaviour';

/** A behaviour in which the sandbox is known to differ from the real broker. */
export interface KnownDifference {
  behaviour: string;
  versions: SandboxVersion[];
  /** One sentence for people. */
  why: string;
}

/** Every known difference, by name; one that is gone must leave this list. The README quotes it. */
export const KNOWN_DIFFERENCES: KnownDifference[] = [
  {
    behaviour: 'wire: an announced body above the maximum is refused',
    versions: ['3.10', '4.0'],
    why: 'A body announced as larger than the maximum is refused at once; RabbitMQ reads all of it first.',
  },
];
