import { Failure } from '@shared/failure';
import type { CreateBehaviour } from './behaviour';
import { createHttp } from './http';
import { createLog } from './log';
import { createRoute } from './route';
import { createScript } from './script';
import { createSimulate } from './simulate';

/** Behaviours by the name that handlers have in the flow; a new one is one line here. */
const BEHAVIOURS: Readonly<Record<string, CreateBehaviour>> = {
  log: createLog,
  simulate: createSimulate,
  route: createRoute,
  http: createHttp,
  script: createScript,
};

/** @throws Failure `handler/unknown-behaviour` */
export function behaviourNamed(name: string): CreateBehaviour {
  const create = Object.hasOwn(BEHAVIOURS, name) ? BEHAVIOURS[name] : undefined;
  if (create) return create;
  throw new Failure('handler/unknown-behaviour', `This Tapline knows no handlers that do “${name}”.`, {
    hint: `There are ${Object.keys(BEHAVIOURS).join(', ')}.`,
    object: name,
  });
}
