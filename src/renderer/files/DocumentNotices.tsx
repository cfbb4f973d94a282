import { Button, CloseButton } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { useFlow } from '@renderer/flow/use-flow';
import { IconFileAlert, IconHistory } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import classes from './DocumentNotices.module.css';
import { reloadDocument, saveDocument } from './document-actions';

/** Bars under the top bar: the file changed on disk, the document was recovered. */
export function DocumentNotices() {
  const { document, openedCount } = useFlow(({ document, openedCount }) => ({ document, openedCount }));
  const [isDismissed, setDismissed] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each document is announced anew
  useEffect(() => setDismissed(false), [openedCount]);
  return (
    <>
      {document.changedOnDisk && (
        <div className={classes.notice} role="status">
          <IconFileAlert size={16} aria-hidden />
          <span>
            <strong>{fileName(document.path)}</strong> was changed on disk by another program.
          </span>
          <Button size="compact-xs" variant="default" onClick={() => attempt('Reload', reloadDocument)}>
            Reload
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => attempt('Save', saveDocument)}>
            Overwrite…
          </Button>
        </div>
      )}
      {document.recovered && !isDismissed && (
        <div className={classes.notice} role="status">
          <IconHistory size={16} aria-hidden />
          <span>Tapline ended unexpectedly last time. Your unsaved changes were recovered.</span>
          <Button size="compact-xs" variant="default" onClick={() => attempt('Save', saveDocument)}>
            Save
          </Button>
          <CloseButton size="xs" aria-label="Dismiss" onClick={() => setDismissed(true)} />
        </div>
      )}
    </>
  );
}

function fileName(path: string | null): string {
  return path?.split(/[\\/]/).at(-1) ?? 'The file';
}
