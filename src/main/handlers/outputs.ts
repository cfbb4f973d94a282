import { Failure } from '@shared/failure';
import { describeMissingOutput } from '@shared/kinds/common/outputs';
import type { Output } from './behaviour';

/** Links by the output they make; several may share a name. */
export function linksByName(outputs: readonly Output[]): Map<string, string[]> {
  const links = new Map<string, string[]>();
  for (const { name, link } of outputs) links.set(name, [...(links.get(name) ?? []), link]);
  return links;
}

/** The failure of settings that send to an output the handler does not have. */
export function missingOutput(output: string, links: ReadonlyMap<string, string[]>): Failure {
  return new Failure('handler/no-output', describeMissingOutput(output, [...links.keys()]), {
    hint: 'Connect the handler to where its messages go, or choose another output.',
    object: output,
  });
}
