import { FLOW_FORMAT } from './schema';

type Migration = (document: Record<string, unknown>) => Record<string, unknown>;

/**
 * What turns a document of format N into N + 1, at index N - 1. Contiguous: format 1 is the first, so there is none yet.
 * Each new one comes with a fixture of the old format in test/fixtures/flows.
 */
const MIGRATIONS: Migration[] = [];

/** The document in today's format, or the sentence why it cannot be read. */
export function migrateFlow(
  document: Record<string, unknown>,
): { ok: true; document: Record<string, unknown> } | { ok: false; message: string } {
  const { format } = document;
  if (format === undefined) return { ok: false, message: 'This is not a flow: it has no "format".' };
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1)
    return { ok: false, message: `The format of a flow is a whole number from 1 to ${FLOW_FORMAT}.` };
  if (format > FLOW_FORMAT)
    return {
      ok: false,
      message: `This flow has format ${format}; this version of Tapline reads up to format ${FLOW_FORMAT}. Open it with a newer version.`,
    };
  const migrated = MIGRATIONS.slice(format - 1).reduce((current, migrate) => migrate(current), document);
  return { ok: true, document: { ...migrated, format: FLOW_FORMAT } };
}
