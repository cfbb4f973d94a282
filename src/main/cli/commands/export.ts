import { resolve } from 'node:path';
import type { ExportFormat } from '@shared/api/contract';
import { Option } from 'commander';
import { exportFlow } from '../../engine/export-flow';
import { writeTextFile } from '../../engine/files';
import type { AddCommand } from '../command';
import { readFlowFile } from '../flow-file';
import { refuseToReplace } from '../replaceable';
import { plain } from '../text';

interface ExportCommandOptions {
  format: ExportFormat;
  output?: string;
  broker?: string;
  vhost?: string;
}

const FORMATS: ExportFormat[] = ['flow', 'rabbitmq', 'svg', 'mermaid'];

/** `tapline export FLOW --format …`: the flow as another kind of file, to stdout or into a file. */
export const addExport: AddCommand = (program, tools, ends) => {
  program
    .command('export')
    .description('write a flow as RabbitMQ definitions or as a picture')
    .argument('<FLOW>', 'flow file')
    .addOption(new Option('--format <FORMAT>', 'what to write').choices(FORMATS).makeOptionMandatory())
    .option('-o, --output <OUT>', 'file to write; default: stdout')
    .option('--broker <ID>', 'definitions of this broker; default: the first')
    .option('--vhost <NAME>', 'definitions of this virtual host only, in the form for one virtual host')
    .action(async (path: string, { format, output, broker, vhost }: ExportCommandOptions) => {
      const { terminal } = tools;
      const request = { format, broker, vhost, defaultVhost: vhost };
      const { text, notices } = await exportFlow(await readFlowFile(path), request, terminal.interrupted);
      if (output === undefined) await terminal.out(text);
      else {
        await refuseToReplace(resolve(output), format);
        await writeTextFile(resolve(output), text, { backup: format === 'flow' });
      }
      for (const notice of notices) terminal.err(`${plain(notice)}\n`);
      ends(0);
    });
};
