import { attempt } from '@renderer/engine/failure';
import { closeTape, openTapeText } from '@renderer/tape/tape-actions';
import { isTapeOpen } from '@renderer/tape/tape-store';
import { TAPE_EXTENSION } from '@shared/tape/tape';
import { IconFileDownload } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './DropTarget.module.css';
import { openText } from './document-actions';
import { importText } from './import-actions';
import { readTextFile, type TextFile } from './transfer';

/** A flow opens as the document; anything else is taken for definitions to import. */
function isFlow({ name, text }: TextFile): boolean {
  if (name.endsWith('.flow.json')) return true;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'format' in value && 'nodes' in value;
  } catch {
    return false;
  }
}

const isTape = ({ name, text }: TextFile) => name.endsWith(TAPE_EXTENSION) || text.startsWith('{"tapeVersion"');

async function takeFile(file: File): Promise<void> {
  const read = await readTextFile(file);
  if (isTape(read)) return openTapeText(read);
  if (isTapeOpen()) await closeTape();
  await (isFlow(read) ? openText(read) : importText(read));
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

/** Files dropped anywhere on the window are opened or imported. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      setOver(false);
      const file = event.dataTransfer?.files[0];
      if (!hasFiles(event) || file === undefined) return;
      event.preventDefault();
      void attempt('Open', () => takeFile(file));
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div className={classes.target}>
      <div className={classes.sign}>
        <IconFileDownload size={28} stroke={1.4} aria-hidden />
        Drop a flow or a tape to open it, or RabbitMQ definitions to import them
      </div>
    </div>
  );
}
