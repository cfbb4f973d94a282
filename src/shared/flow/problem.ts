/** `error`: deploying fails or messages are lost; `warning`: probably not meant; `hint`: worth knowing. */
export type Severity = 'error' | 'warning' | 'hint';

/** What a problem is about; the view jumps there. */
export type Subject =
  | { type: 'node'; id: string }
  | { type: 'link'; id: string }
  | { type: 'broker'; id: string }
  | { type: 'flow' };

/** One located problem of a flow. */
export interface Problem {
  /** Stable, documented code such as `queue/nobody-drains`. */
  code: string;
  severity: Severity;
  subject: Subject;
  /** Path of the offending setting, dotted: `settings.arguments.x-max-priority`, `settings.rows.0.routingKey`. */
  field?: string;
  /** One clear sentence that names the object. */
  message: string;
  /** The broker's own documentation on this point. */
  docsUrl?: string;
}
