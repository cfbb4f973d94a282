import type { Problem } from '@shared/flow/problem';
import { findSandboxGap, findVhostGap, isSandbox } from '../sandbox-gaps';
import { nodeSubject, type Rule } from './finding';
import type { BrokerModel } from './model';
import { drawnPolicies } from './policies';

/** What is drawn and the sandbox does not have. Nothing is wrong with it: it waits for a RabbitMQ. */
export const checkSandboxGaps: Rule = (model) => {
  if (!isSandbox(model.facts)) return [];
  const queues = model.queues.flatMap(({ id, object, ownership }): Problem[] => {
    if (ownership !== 'managed') return [];
    const field = 'settings.arguments.x-queue-type';
    return say(findSandboxGap({ type: 'queue', queue: object }), { subject: nodeSubject(id), field });
  });
  const subject = { type: 'broker' as const, id: model.id };
  const policies = drawnPolicies(model).flatMap(({ field, noun, policy }) =>
    say(findSandboxGap({ type: noun === 'Policy' ? 'policy' : 'operator-policy', policy }), { subject, field }),
  );
  return [...queues, ...policies, ...checkSettings(model)];
};

function checkSettings({ id, parameters, vhosts }: BrokerModel): Problem[] {
  const subject = { type: 'broker' as const, id };
  return [
    ...parameters.flatMap((parameter) =>
      say(findSandboxGap({ type: 'parameter', ...parameter }), { subject, field: 'settings.parameters' }),
    ),
    ...vhosts.flatMap((vhost) => say(findVhostGap(vhost), { subject, field: 'settings.vhosts' })),
  ];
}

function say(message: string | undefined, where: Pick<Problem, 'subject' | 'field'>): Problem[] {
  return message === undefined ? [] : [{ code: 'sandbox/gap', severity: 'warning', message, ...where }];
}
