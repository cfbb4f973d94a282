import type { SandboxVersion } from '@shared/api/sandbox';
import type { Session } from './session';

/** One thing a broker does, as a sentence; `run` acts and answers what a client saw, as JSON. */
export interface Behaviour {
  name: string;
  run: (session: Session) => unknown;
}

/** Behaviours of one theme, by sentence. */
export function theme(title: string, runs: Record<string, Behaviour['run']>): Behaviour[] {
  return Object.entries(runs).map(([sentence, run]) => ({ name: `${title}: ${sentence}`, run }));
}

/** What the behaviours of one broker version answered. */
export type Transcript = Record<string, unknown>;

export type { SandboxVersion };
