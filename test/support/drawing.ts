import type { Page } from 'playwright-core';
import { canvas, drawn } from './app';

/** Accessible names of everything in the example flow. */
export const EXAMPLE_NODES = [
  'publisher Orders',
  'exchange order-events',
  'queue email-queue',
  'queue notification-queue',
  'queue billing-queue',
  'handler Send email',
  'handler Notify',
  'handler Bill customer',
  'exchange billing-dlx',
  'queue billing-dead-letters',
];
const RETRIED_LINK = 'consume billing-queue to Bill customer';
export const EXAMPLE_LINKS = [
  'publish Orders to order-events',
  'binding order-events to email-queue, order.*',
  'binding order-events to notification-queue, order.created',
  'binding order-events to billing-queue, order.created',
  'consume email-queue to Send email',
  'consume notification-queue to Notify',
  RETRIED_LINK,
  'dead-letter billing-queue to billing-dlx',
  'binding billing-dlx to billing-dead-letters',
];

/** The forms of what is selected. */
export function inspector(page: Page) {
  return page.getByRole('complementary', { name: 'Inspector' });
}

/** Waits until exactly the example's nodes and links are drawn. As drawn by hand it `hasRetries` not. */
export async function untilExampleIsDrawn(page: Page, { hasRetries = true } = {}): Promise<void> {
  const links = EXAMPLE_LINKS.map((name) => (name === RETRIED_LINK && hasRetries ? `${name}, 3 attempts` : name));
  for (const name of [...EXAMPLE_NODES, ...links]) await drawn(page, name).waitFor({ state: 'attached' });
  const [nodeCount, linkCount] = await Promise.all(
    ['.react-flow__node', '.react-flow__edge'].map((part) => canvas(page).locator(part).count()),
  );
  if (nodeCount !== EXAMPLE_NODES.length || linkCount !== EXAMPLE_LINKS.length)
    throw new Error(`${nodeCount} nodes and ${linkCount} links are drawn`);
}
