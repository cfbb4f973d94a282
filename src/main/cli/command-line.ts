import { Command } from 'commander';
import { createRedactor } from '../engine/redact';
import { TAPLINE_VERSION } from '../engine/version';
import type { AddCommand, CommandTools } from './command';
import { addDeadLetters } from './commands/dead-letters';
import { addDeploy } from './commands/deploy';
import { addDestroy } from './commands/destroy';
import { addExport } from './commands/export';
import { addImport } from './commands/import';
import { addPlan } from './commands/plan';
import { addPublish } from './commands/publish';
import { addRecord } from './commands/record';
import { addRedrive } from './commands/redrive';
import { addReplay } from './commands/replay';
import { addRun } from './commands/run';
import { addSandbox } from './commands/sandbox';
import { addServe } from './commands/serve';
import { addValidate } from './commands/validate';
import { addWatch } from './commands/watch';
import { reportFailure } from './report';
import type { Terminal } from './terminal';
import { painter } from './text';

const COMMANDS: AddCommand[] = [
  addValidate,
  addImport,
  addExport,
  addPlan,
  addDeploy,
  addDestroy,
  addPublish,
  addRun,
  addWatch,
  addRecord,
  addReplay,
  addDeadLetters,
  addRedrive,
  addSandbox,
  addServe,
];

const EPILOGUE = `
FLOW is a .flow.json file. Brokers of a flow are given with --connect ID=URL or TAPLINE_CONNECT_<ID>;
without, they are the flow's sandbox if that is running.
Results go to stdout (with --json as JSON), everything else to stderr. TAPLINE_LOG=info tells more.`;

/** Runs one command of `tapline` and gives its exit code. Never throws. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const redactor = createRedactor();
  const tools: CommandTools = { terminal, redactor, paint: painter(terminal) };
  let exitCode = 0;
  let help = 'tapline --help';
  const program = new Command('tapline')
    .description('Draw message topologies, deploy them to live brokers, watch the traffic come back.')
    .version(TAPLINE_VERSION)
    // `sandbox --version` is the broker's.
    .enablePositionalOptions()
    .addHelpText('after', EPILOGUE)
    .showSuggestionAfterError(true);
  for (const add of COMMANDS) {
    add(program, tools, (code) => {
      exitCode = code;
    });
  }
  const written: Promise<void>[] = [];
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride((error) => {
        if (command !== program) help = `tapline ${command.name()} --help`;
        throw error;
      })
      .configureOutput({
        writeOut: (text) => void written.push(terminal.out(text)),
        // Said by reportFailure, once.
        outputError: () => {},
      });
  }
  const isJson = args.includes('--json');
  try {
    if (args.length === 0) {
      terminal.err(program.helpInformation());
      return 1;
    }
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    exitCode = await reportFailure(error, { terminal, redactor, isJson, help });
  }
  await Promise.all(written);
  return exitCode;
}
