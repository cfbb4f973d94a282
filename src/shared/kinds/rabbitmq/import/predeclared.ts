import { PREDECLARED_EXCHANGES } from '../route/exchange-index';

/** Is this an exchange that RabbitMQ has by itself, or makes for its own events and logs? Nobody declares those. */
export function isPredeclared(exchange: string): boolean {
  return exchange === '' || PREDECLARED_EXCHANGES.has(exchange) || exchange.startsWith('amq.rabbitmq.');
}
