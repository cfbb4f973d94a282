import { describe, expect, it } from 'vitest';
import { createVhost } from './rabbitmq';

describe('the test broker', () => {
  it('gives each test file a vhost of its own', async () => {
    const vhost = await createVhost();
    expect(await vhost.management('GET', `/api/vhosts/${vhost.encoded}`)).toMatchObject({ name: vhost.vhost });
    await vhost.remove();
    await expect(vhost.management('GET', `/api/vhosts/${vhost.encoded}`)).rejects.toThrow('404');
  });
});
