import type { Kind } from '@shared/kinds/registry';
import { checkHandlers } from './check';
import { checkPublishers } from './check-publishers';
import { commonDescriptor } from './descriptor';
import { consumeSettingsSchema, handlerSettingsSchema, publisherSettingsSchema, publishSettingsSchema } from './schema';

/** Publishers, handlers and their links. */
export const common: Kind = {
  descriptor: commonDescriptor,
  settingsSchemas: {
    publisher: publisherSettingsSchema,
    handler: handlerSettingsSchema,
    publish: publishSettingsSchema,
    consume: consumeSettingsSchema,
  },
  check: (flow) => [...checkPublishers(flow), ...checkHandlers(flow)],
};
