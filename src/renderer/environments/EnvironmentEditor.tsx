import { Button } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { useFlow } from '@renderer/flow/use-flow';
import type { Environment } from '@shared/api/environment';
import { sameJson } from '@shared/flow/diff';
import { useEffect, useState } from 'react';
import classes from './EnvironmentEditor.module.css';
import { EnvironmentForm } from './EnvironmentForm';
import { EnvironmentList } from './EnvironmentList';
import { closeEnvironmentDialog, type EnvironmentDialogState } from './environment-actions';
import { checkDraft, type Draft, isFixed, newEnvironment } from './environment-draft';
import {
  environmentStore,
  removeEnvironment,
  saveEnvironment,
  selectEnvironment,
  useEnvironments,
} from './environment-store';

interface EnvironmentEditorProps {
  start: EnvironmentDialogState;
  /** Told whether something typed is not saved. */
  onDirty: (isDirty: boolean) => void;
}

function firstDrafts(start: EnvironmentDialogState): { chosen: string; drafts: Record<string, Draft> } {
  const { active, environments } = environmentStore.getState();
  if (start.environment !== 'new') return { chosen: start.environment ?? active, drafts: {} };
  const environment = newEnvironment(environments);
  return { chosen: environment.id, drafts: { [environment.id]: { environment, secrets: {} } } };
}

/** The list of environments and the form of one of them. Several can be changed before they are saved together. */
export function EnvironmentEditor({ start, onDirty }: EnvironmentEditorProps) {
  const [first] = useState(() => firstDrafts(start));
  const [drafts, setDrafts] = useState(first.drafts);
  const [chosen, setChosen] = useState(first.chosen);
  const [isSaving, setSaving] = useState(false);
  const { environments: saved, active } = useEnvironments((state) => state);
  const brokers = useFlow(({ flow }) => flow.brokers);

  const listed: Environment[] = [
    ...saved.map((environment) => drafts[environment.id]?.environment ?? environment),
    ...Object.values(drafts).flatMap(({ environment }) =>
      saved.some(({ id }) => id === environment.id) ? [] : [environment],
    ),
  ];
  const shown = listed.find(({ id }) => id === chosen) ?? listed[0];
  const draft: Draft | undefined = shown && (drafts[shown.id] ?? { environment: shown, secrets: {} });
  const problemsOf = (candidate: Draft) => checkDraft(candidate, listed, brokers);
  const dirty = Object.values(drafts).filter((candidate) => isChanged(candidate, saved));
  const dirtyIds = new Set(dirty.map(({ environment }) => environment.id));
  const isDirty = dirty.length > 0;
  const isWrong = dirty.some((candidate) => Object.keys(problemsOf(candidate)).length > 0);

  useEffect(() => {
    onDirty(isDirty);
    return () => onDirty(false);
  }, [isDirty, onDirty]);

  const change = (next: Draft) => setDrafts((before) => ({ ...before, [next.environment.id]: next }));
  const add = () => {
    const environment = newEnvironment(listed);
    change({ environment, secrets: {} });
    setChosen(environment.id);
  };
  const remove = async (id: string) => {
    setDrafts(({ [id]: _, ...others }) => others);
    if (chosen === id) setChosen(listed.find((other) => other.id !== id)?.id ?? '');
    if (saved.some((environment) => environment.id === id)) await attempt('Remove', () => removeEnvironment(id));
  };
  const save = async (thenUse?: string) => {
    setSaving(true);
    const isSaved = await attempt('Save', async () => {
      for (const { environment, secrets } of dirty) {
        await saveEnvironment({ ...environment, name: environment.name.trim() }, secrets);
      }
      if (thenUse !== undefined) await selectEnvironment(thenUse);
    });
    setSaving(false);
    if (isSaved) closeEnvironmentDialog();
  };

  const isOther = shown !== undefined && shown.id !== active;
  return (
    <div className={classes.editor}>
      <EnvironmentList
        environments={listed}
        active={active}
        chosen={shown?.id}
        dirty={dirtyIds}
        onChoose={setChosen}
        onAdd={add}
        onRemove={remove}
      />
      <div className={classes.form}>
        {draft && (
          <EnvironmentForm
            key={draft.environment.id}
            draft={draft}
            problems={problemsOf(draft)}
            focusBroker={start.broker}
            isFixed={isFixed(draft.environment)}
            onChange={change}
          />
        )}
      </div>
      <footer className={classes.footer}>
        <span className={classes.state} role="status">
          {isWrong ? 'Some fields need attention.' : isDirty ? 'Not saved yet' : ''}
        </span>
        <Button variant="default" onClick={closeEnvironmentDialog}>
          {isDirty ? 'Discard' : 'Close'}
        </Button>
        {isOther && (
          <Button
            variant={isDirty ? 'default' : 'filled'}
            disabled={isWrong}
            loading={isSaving}
            onClick={() => save(shown.id)}
          >
            {isDirty ? `Save and use ${shown.name}` : `Use ${shown.name}`}
          </Button>
        )}
        {isDirty && (
          <Button disabled={isWrong} loading={isSaving} onClick={() => save()}>
            Save
          </Button>
        )}
      </footer>
    </div>
  );
}

function isChanged({ environment, secrets }: Draft, saved: readonly Environment[]): boolean {
  const before = saved.find(({ id }) => id === environment.id);
  return before === undefined || Object.keys(secrets).length > 0 || !sameJson(before, environment);
}
