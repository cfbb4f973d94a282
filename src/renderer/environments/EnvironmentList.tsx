import { ActionIcon, Button, Popover, Text, Tooltip } from '@mantine/core';
import type { Environment } from '@shared/api/environment';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './EnvironmentEditor.module.css';
import { isFixed } from './environment-draft';

interface EnvironmentListProps {
  environments: readonly Environment[];
  active: string;
  chosen: string | undefined;
  /** Ids with unsaved changes. */
  dirty: ReadonlySet<string>;
  onChoose: (id: string) => void;
  onAdd: () => void;
  onRemove: (id: string) => void;
}

/** The environments by name; the active one is marked, unsaved ones have a dot. */
export function EnvironmentList(props: EnvironmentListProps) {
  const { environments, active, chosen, dirty, onChoose, onAdd, onRemove } = props;
  return (
    <nav className={classes.list} aria-label="Environments">
      <ul>
        {environments.map((environment) => {
          const { id, name } = environment;
          return (
            <li key={id} className={classes.item} data-chosen={id === chosen || undefined}>
              <button
                type="button"
                className={classes.choose}
                aria-current={id === chosen || undefined}
                onClick={() => onChoose(id)}
              >
                <span className={classes.itemName}>
                  {name.trim() === '' ? <em>unnamed</em> : name}
                  {dirty.has(id) && <span title="Not saved yet"> •</span>}
                </span>
                {id === active && <span className={classes.active}>in use</span>}
              </button>
              {!isFixed(environment) && environments.length > 1 && (
                <RemoveButton name={name} onRemove={() => onRemove(id)} />
              )}
            </li>
          );
        })}
      </ul>
      <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={onAdd} fullWidth justify="flex-start">
        Add environment
      </Button>
    </nav>
  );
}

function RemoveButton({ name, onRemove }: { name: string; onRemove: () => void }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <Popover opened={isAsking} onChange={setAsking} width={260} position="bottom-start" trapFocus>
      <Popover.Target>
        <Tooltip label="Remove">
          <ActionIcon
            className={classes.remove}
            data-asking={isAsking || undefined}
            aria-label={`Remove ${name}`}
            onClick={() => setAsking(true)}
          >
            <IconTrash size={14} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <Text fz="sm" mb="sm">
          Remove {name} with its connections and passwords? Nothing changes in the brokers.
        </Text>
        <Button color="red" fullWidth onClick={onRemove}>
          Remove
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
