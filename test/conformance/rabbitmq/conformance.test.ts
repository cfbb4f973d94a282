import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRabbit } from '../../support/rabbitmq';
import type { SandboxVersion, Transcript } from './behaviour';
import { BEHAVIOURS_COMPARED } from './behaviours';
import { KNOWN_DIFFERENCES } from './known-differences';
import {
  perform,
  type RunningTarget,
  readTranscript,
  startRealTarget,
  startSandboxTarget,
  writeTranscript,
} from './targets';

/** `TAPLINE_RECORD=1` writes what the real broker answers to test/fixtures/transcripts, instead of comparing with it. */
const isRecording = process.env.TAPLINE_RECORD === '1';

function expectSame(name: string, version: SandboxVersion, sandbox: unknown, real: unknown): void {
  const known = KNOWN_DIFFERENCES.some((entry) => entry.behaviour === name && entry.versions.includes(version));
  if (known) expect(sandbox, 'this known difference is gone: take it off the list').not.toEqual(real);
  else expect(sandbox).toEqual(real);
}

it('known differences name behaviours that exist', () => {
  const names = new Set(BEHAVIOURS_COMPARED.map((behaviour) => behaviour.name));
  expect(KNOWN_DIFFERENCES.filter((entry) => !names.has(entry.behaviour))).toEqual([]);
});

describe.each<SandboxVersion>(['3.10', '4.0'])('the sandbox answers as RabbitMQ %s did', (version) => {
  const transcript = readTranscript(version);
  let sandbox: RunningTarget;
  beforeAll(async () => {
    sandbox = await startSandboxTarget(version);
  });
  afterAll(() => sandbox.close());

  it('with every behaviour recorded', () => {
    expect(Object.keys(transcript).sort()).toEqual(BEHAVIOURS_COMPARED.map(({ name }) => name).sort());
  });
  for (const behaviour of BEHAVIOURS_COMPARED) {
    it(behaviour.name, async () => {
      expectSame(behaviour.name, version, await perform(behaviour, sandbox), transcript[behaviour.name]);
      expect(sandbox.bugs).toEqual([]);
    });
  }
});

describe.skipIf(!hasRabbit)('the sandbox and a real RabbitMQ side by side', () => {
  const recorded: Transcript = {};
  let real: RunningTarget;
  let sandbox: RunningTarget;
  let transcript: Transcript;
  beforeAll(async () => {
    real = await startRealTarget();
    sandbox = await startSandboxTarget(real.version);
    transcript = readTranscript(real.version);
  });
  afterAll(async () => {
    if (isRecording) writeTranscript(real.version, { ...transcript, ...recorded });
    await sandbox.close();
    await real.close();
  });

  for (const behaviour of BEHAVIOURS_COMPARED) {
    it(behaviour.name, async () => {
      const [fromReal, fromSandbox] = await Promise.all([perform(behaviour, real), perform(behaviour, sandbox)]);
      recorded[behaviour.name] = fromReal;
      if (!isRecording) expect(fromReal, 'the transcript is out of date').toEqual(transcript[behaviour.name]);
      expectSame(behaviour.name, real.version, fromSandbox, fromReal);
    });
  }
});
