import { Popover } from '@mantine/core';
import { IconExternalLink, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './FieldHelp.module.css';

/** What a field does, and the page that says more: on hover, by click, and to screen readers through the control. */
export function FieldHelp({ label, docsUrl, children }: { label: string; docsUrl?: string; children: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} width={264} position="left" withArrow trapFocus={false}>
      <Popover.Target>
        <button
          type="button"
          className={classes.button}
          aria-label={`About ${label}`}
          // Out of the tab order: the control itself is described by the same text.
          tabIndex={-1}
          onClick={() => setOpen(true)}
          onMouseEnter={() => setOpen(true)}
          onMouseLeave={() => setOpen(false)}
        >
          <IconInfoCircle size={13} stroke={1.6} />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={classes.text} onMouseEnter={() => setOpen(true)} onMouseLeave={() => setOpen(false)}>
        {children}
        {docsUrl && (
          <a href={docsUrl} target="_blank" rel="noreferrer">
            Documentation <IconExternalLink size={12} />
          </a>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
