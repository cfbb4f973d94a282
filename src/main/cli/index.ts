import { runCommandLine } from './command-line';
import { processTerminal } from './terminal';

/** `tapline …`: runs one command and ends with its exit code once everything it said has been written. */
const terminal = processTerminal();
const exitCode = await runCommandLine(process.argv.slice(2), terminal);
await terminal.flush();
process.exit(exitCode);
