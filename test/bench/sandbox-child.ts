import { startSandbox } from '@main/sandbox/rabbitmq/sandbox';

// A sandbox in a process of its own, for the bench: says its port and how long the start took, and its memory when asked.
const beganAt = performance.now();
const { amqpPort } = await startSandbox({ user: 'guest', password: 'guest', clusterName: 'bench' });
process.send?.({ amqpPort, readyMs: performance.now() - beganAt });
process.on('message', () => process.send?.({ rssBytes: process.memoryUsage.rss() }));
process.on('disconnect', () => process.exit(0));
