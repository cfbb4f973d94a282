import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { drawLink } from '@renderer/flow/edits';
import { nameNode } from '@renderer/flow/names';
import { useFlow } from '@renderer/flow/use-flow';
import { describeLink, linksBetween } from '@renderer/kinds/descriptors';
import type { Json } from '@shared/flow/schema';
import { type FormEvent, useState } from 'react';
import { useStore } from 'zustand';
import { canvasView } from './canvas-view';
import { connectStore } from './connect-store';
import { type Candidate, connectCandidates, firstTextPath, withText } from './connecting';

/** Joins the selected node with another by keys alone: the other node, the type of link, its key. The focus goes on to the link. Mounted once. */
export function ConnectDialog() {
  const node = useStore(connectStore, (state) => state.node);
  const name = useFlow(({ flow }) => (node !== null && flow.nodes[node] ? nameNode(flow.nodes[node]) : ''));
  const [made, setMade] = useState<string>();
  const close = (link?: string) => {
    setMade(link);
    connectStore.setState({ node: null });
  };
  return (
    <Modal
      opened={node !== null}
      onClose={() => close()}
      title={`Connect ${name}`}
      size="sm"
      returnFocus={made === undefined}
      onExitTransitionEnd={() => {
        if (made !== undefined) canvasView()?.focus(made);
        setMade(undefined);
      }}
    >
      {node !== null && <ConnectForm node={node} onDone={close} />}
    </Modal>
  );
}

function ConnectForm({ node, onDone }: { node: string; onDone: (link?: string) => void }) {
  const flow = useFlow((state) => state.flow);
  const candidates = connectCandidates(flow, node);
  const [key, setKey] = useState<string | null>(null);
  const [type, setType] = useState<string | null>(null);
  const [text, setText] = useState('');
  const candidate = candidates.find((one) => one.key === key);
  const types = candidate ? linksBetween(candidate.fromType, candidate.toType) : [];
  const linkType = types.find((one) => one.type === type) ?? types[0];
  const textField = linkType && firstTextPath(linkType.fields);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (candidate === undefined || linkType === undefined) return;
    const fresh = describeLink(linkType.type).create() as Record<string, Json>;
    const settings = textField && text !== '' ? withText(fresh, textField.path, text) : fresh;
    onDone(drawLink(candidate.from, candidate.to, { type: linkType.type, settings }));
  };

  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label="Connect to"
          placeholder={candidates.length > 0 ? 'Type a name' : 'There is nothing it can be connected to'}
          data={groupCandidates(candidates)}
          value={key}
          onChange={setKey}
          searchable
          data-autofocus
          nothingFoundMessage="No such node can be connected."
          maxDropdownHeight={260}
        />
        {types.length > 1 && (
          <Select
            label="Link type"
            data={types.map((one) => ({ value: one.type, label: one.label }))}
            value={linkType?.type ?? null}
            allowDeselect={false}
            onChange={setType}
          />
        )}
        {textField && (
          <TextInput
            label={textField.label}
            placeholder={textField.placeholder}
            value={text}
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="subtle" color="gray" onClick={() => onDone()}>
            Cancel
          </Button>
          <Button type="submit" disabled={candidate === undefined}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function groupCandidates(candidates: readonly Candidate[]) {
  return (['To', 'From'] as const)
    .map((direction) => ({
      group: direction,
      items: candidates.filter((one) => one.direction === direction).map(({ key, label }) => ({ value: key, label })),
    }))
    .filter(({ items }) => items.length > 0);
}
