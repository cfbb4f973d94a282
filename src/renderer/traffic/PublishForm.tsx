import { Alert, Button, Group, JsonInput, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { type ReadableFailure, readFailure } from '@renderer/engine/failure';
import { useFlow } from '@renderer/flow/use-flow';
import { formatExact } from '@renderer/live/format';
import type { PublishReport } from '@shared/api/contract';
import { IconSend } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { closePublishDialog, publishNow, publishStore } from './publish-actions';
import { checkFields, fieldsOf, MAX_COUNT, type PublishFields, toRequest } from './publish-form';

interface PublishFormProps {
  nodeId: string;
  publishers: { id: string; name: string }[];
}

type Answer = { report: PublishReport } | { failure: ReadableFailure };

/** Sends some messages from a publisher, with other body, key or headers if wanted, and reports exactly what became of them. */
export function PublishForm({ nodeId, publishers }: PublishFormProps) {
  const node = useFlow(({ flow }) => flow.nodes[nodeId]);
  const own = fieldsOf(node);
  const [fields, setFields] = useState<PublishFields>(own);
  const [isSending, setSending] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const errors = checkFields(fields);
  const change = (part: Partial<PublishFields>) => setFields({ ...fields, ...part });

  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(errors).length > 0 || isSending) return;
    setSending(true);
    try {
      setAnswer({ report: await publishNow(toRequest(nodeId, fields, own)) });
    } catch (error) {
      setAnswer({ failure: readFailure(error) });
    } finally {
      setSending(false);
    }
  };

  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        <Group grow align="flex-start">
          <Select
            label="Publisher"
            data={publishers.map(({ id, name }) => ({ value: id, label: name }))}
            value={nodeId}
            allowDeselect={false}
            onChange={(id) => publishStore.setState({ node: id })}
          />
          <NumberInput
            label="Messages"
            value={fields.count}
            min={1}
            max={MAX_COUNT}
            allowDecimal={false}
            thousandSeparator=","
            error={errors.count}
            onChange={(count) => change({ count })}
            data-autofocus
          />
        </Group>
        <TextInput
          label="Routing key"
          description="Templates such as {{seq}} work here too. A publish link that has a key of its own keeps it unless this is changed."
          value={fields.routingKey}
          onChange={(event) => change({ routingKey: event.currentTarget.value })}
        />
        <Textarea
          label="Body"
          description="{{seq}}, {{uuid}} and {{now}} are filled in for every message."
          autosize
          minRows={4}
          maxRows={12}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={fields.body}
          onChange={(event) => change({ body: event.currentTarget.value })}
        />
        <JsonInput
          label="Headers"
          placeholder={'{ "tenant": "acme" }'}
          autosize
          minRows={1}
          maxRows={8}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={fields.headers}
          onChange={(headers) => change({ headers })}
          error={errors.headers}
        />
        {answer && <AnswerNote answer={answer} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={closePublishDialog}>
            Close
          </Button>
          <Button type="submit" loading={isSending} leftSection={<IconSend size={14} />} aria-label="Publish">
            Publish {typeof fields.count === 'number' && fields.count > 1 ? formatExact(fields.count) : ''}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function AnswerNote({ answer }: { answer: Answer }) {
  if ('failure' in answer) {
    const { message, hint } = answer.failure;
    return (
      <Alert color="red" title={message} role="alert">
        {hint}
      </Alert>
    );
  }
  const { published, confirmed, returned, errors } = answer.report;
  const isWhole = confirmed === published && returned === 0 && errors.length === 0;
  return (
    <Alert
      color={isWhole ? 'green' : 'yellow'}
      role="status"
      title={`${formatExact(published)} published · ${formatExact(confirmed)} confirmed · ${formatExact(returned)} returned`}
    >
      {returned > 0 && <div>Returned messages matched no binding: no queue got them.</div>}
      {errors.map((sentence) => (
        <div key={sentence}>{sentence}</div>
      ))}
    </Alert>
  );
}
