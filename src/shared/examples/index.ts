import { type Flow, flowSchema } from '@shared/flow/schema';
import messageRouter from './message-router.flow.json';
import orderEvents from './order-events.flow.json';
import orderStream from './order-stream.flow.json';
import retryAndDeadLetter from './retry-and-dead-letter.flow.json';
import userActivity from './user-activity.flow.json';

/** Every example by its id, in the order they are offered; the file's name and description are what the user reads. */
const FILES = {
  'order-events': orderEvents,
  'message-router': messageRouter,
  'retry-and-dead-letter': retryAndDeadLetter,
  'user-activity': userActivity,
  'order-stream': orderStream,
} as const;

export type ExampleId = keyof typeof FILES;
export const EXAMPLE_IDS = Object.keys(FILES) as ExampleId[];

/** An example as it is offered. */
export interface Example {
  id: ExampleId;
  title: string;
  /** What it shows. */
  description: string;
}

/** The examples that a document can begin with. */
export const EXAMPLES: readonly Example[] = EXAMPLE_IDS.map((id) => {
  const { name, description } = FILES[id];
  return { id, title: name, description };
});

/** The flow of an example. Default: the one that opens at the first start, orders through a topic exchange to e-mail, notification and billing. */
export function exampleFlow(id: ExampleId = 'order-events'): Flow {
  return flowSchema.parse(FILES[id]);
}
