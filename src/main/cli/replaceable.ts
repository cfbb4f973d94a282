import { basename } from 'node:path';
import type { ExportFormat } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import { parseFlow } from '@shared/flow/parse';
import { importDefinitions } from '@shared/kinds/rabbitmq/import/import-definitions';
import { errorCode, readTextFile } from '../engine/files';

const NOUNS: Record<ExportFormat, string> = {
  flow: 'a flow',
  rabbitmq: 'RabbitMQ definitions',
  svg: 'an SVG picture',
  mermaid: 'a Mermaid flowchart',
};

/** Is this text of the kind that the format writes? */
function isOfFormat(text: string, format: ExportFormat): boolean {
  switch (format) {
    case 'flow':
      return parseFlow(text).ok;
    case 'rabbitmq':
      return isDefinitions(text);
    case 'svg':
      return /^\s*(<\?xml[^>]*>\s*)?<svg\b/.test(text);
    case 'mermaid':
      return /^\s*(flowchart|graph)\b/.test(text);
  }
}

function isDefinitions(text: string): boolean {
  try {
    importDefinitions(text, { broker: 'main' });
    return true;
  } catch (error) {
    if (error instanceof Failure) return false;
    throw error;
  }
}

/** A file is written over only if it is what would be written there. @throws Failure `file/not-replaced`; true if there is one */
export async function refuseToReplace(path: string, format: ExportFormat): Promise<boolean> {
  let text: string;
  try {
    ({ text } = await readTextFile(path));
  } catch (error) {
    if (error instanceof Failure && errorCode(error.cause) === 'ENOENT') return false;
    throw error;
  }
  if (text.trim() === '' || isOfFormat(text, format)) return true;
  throw new Failure(
    'file/not-replaced',
    `${basename(path)} exists and is not ${NOUNS[format]}; it was left as it is.`,
    {
      hint: 'Give another name, or move it out of the way first.',
      object: path,
    },
  );
}
