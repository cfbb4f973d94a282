import { Redis } from 'ioredis';

/** What a server answered, as JSON: errors as `{error}`, bytes beyond ASCII as latin1. */
export type Answer = string | number | null | { error: string } | { pushed: string[] } | Answer[];

/** A scenario talks to the server by named connections; every answer goes into the transcript. */
export interface Stage {
  /** Runs one command and writes its answer down. */
  run: (connection: string, ...command: (string | number)[]) => Promise<Answer>;
  /** Runs one command without writing it down. */
  quietly: (connection: string, ...command: (string | number)[]) => Promise<Answer>;
  /** Sends without waiting; `settle` writes its answer down. */
  begin: (connection: string, ...command: (string | number)[]) => { settle: () => Promise<Answer> };
  /** Waits until so many messages were pushed to the connection, then writes them down. */
  pushed: (connection: string, count: number) => Promise<void>;
  /** Writes something down that the scenario found out itself. */
  note: (answer: Answer) => void;
  /** Waits until the condition holds. */
  until: (condition: () => Promise<boolean>) => Promise<void>;
}

export type Scenario = (stage: Stage) => Promise<void>;

function plainAnswer(reply: unknown): Answer {
  if (Array.isArray(reply)) return reply.map(plainAnswer);
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  if (reply instanceof Error) return { error: reply.message };
  if (typeof reply === 'string' || typeof reply === 'number' || reply === null) return reply;
  throw new Error(`a reply of an unforeseen kind: ${String(reply)}`);
}

/** Runs a scenario against a server that is empty before and after. */
export async function transcribe(url: string, scenario: Scenario): Promise<Answer[]> {
  const clients = new Map<string, Redis>();
  const inboxes = new Map<string, string[][]>();
  const transcript: Answer[] = [];
  const client = (name: string): Redis => {
    const known = clients.get(name);
    if (known) return known;
    const made = new Redis(url, { maxRetriesPerRequest: 1, protocol: 2, connectionName: `conformance-${name}` });
    made.on('error', () => {});
    const inbox: string[][] = [];
    made.on('messageBuffer', (...parts: Buffer[]) =>
      inbox.push(['message', ...parts.map((part) => part.toString('latin1'))]),
    );
    made.on('pmessageBuffer', (...parts: (Buffer | string)[]) =>
      inbox.push(['pmessage', ...parts.map((part) => part.toString('latin1'))]),
    );
    clients.set(name, made);
    inboxes.set(name, inbox);
    return made;
  };
  const call = async (name: string, [command = '', ...args]: (string | number)[]): Promise<Answer> => {
    try {
      return plainAnswer(
        await client(name).callBuffer(
          String(command).toLowerCase(),
          args.map((arg) => Buffer.from(String(arg), 'latin1')),
        ),
      );
    } catch (error) {
      return plainAnswer(error);
    }
  };
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  const stage: Stage = {
    async run(name, ...command) {
      const answer = await call(name, command);
      transcript.push(answer);
      return answer;
    },
    quietly: (name, ...command) => call(name, command),
    begin(name, ...command) {
      const answer = call(name, command);
      return {
        async settle() {
          const settled = await answer;
          transcript.push(settled);
          return settled;
        },
      };
    },
    async pushed(name, count) {
      await until(async () => (inboxes.get(name)?.length ?? 0) >= count);
      for (const message of inboxes.get(name)?.splice(0) ?? []) transcript.push({ pushed: message });
    },
    note: (answer) => void transcript.push(answer),
    until,
  };
  try {
    await stage.quietly('janitor', 'FLUSHALL');
    await scenario(stage);
    await stage.quietly('janitor', 'FLUSHALL');
    return transcript;
  } finally {
    for (const open of clients.values()) open.disconnect();
  }
}
