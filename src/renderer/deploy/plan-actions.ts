import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import { activeEnvironment, environmentStore, loadEnvironments } from '@renderer/environments/environment-store';
import { documentSync } from '@renderer/flow/document';
import { edit, flowStore } from '@renderer/flow/flow-store';
import { showBottomTab } from '@renderer/shell/shell-store';
import type { Step } from '@shared/deploy/plan';
import { acceptFound } from '@shared/kinds/registry';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import {
  createDeployStore,
  type DeployState,
  isBusy,
  isSameContext,
  type MadePlan,
  type PlanContext,
  type StartOptions,
} from './deploy-store';
import { addStakes, objectLabel } from './stakes';

const deploys = createDeployStore(
  {
    plan: (input) => engine.deploy.plan(input),
    start: (input) => engine.deploy.start(input),
    progress: (input) => engine.deploy.progress(input),
    cancel: (input) => engine.deploy.cancel(input),
  },
  readFailure,
);

export const deployStore = deploys.store;

/** Reads plan and deploy in React. */
export function useDeploy<T>(selector: (state: DeployState) => T): T {
  return useStore(deployStore, selector);
}

/** Whether the dialog that asks before a deploy is open. */
export const deployDialogStore = createStore<{ isOpen: boolean }>(() => ({ isOpen: false }));

function currentContext(): PlanContext {
  const { brokers, nodes, links } = flowStore.getState().flow;
  return { drawn: { brokers, nodes, links }, environment: environmentStore.getState().active };
}

/** True when the drawing or the environment is not the one the plan was made for. */
export function isStale(made: MadePlan): boolean {
  return !isSameContext(made.context, currentContext());
}

/** What the top bar's Plan does: compares the flow with its brokers and shows the steps. */
export async function makePlan(): Promise<void> {
  if (isBusy(deployStore.getState())) return;
  showBottomTab('plan');
  try {
    await plan();
  } catch (error) {
    // The panel says it, in the place where the steps would be.
    if (readFailure(error).code === 'internal/bug') throw error;
  }
}

async function plan(): Promise<MadePlan> {
  if (!environmentStore.getState().isLoaded) await loadEnvironments();
  await documentSync.flush();
  return deploys.plan(currentContext(), Date.now());
}

/** What the top bar's Deploy does: plans if there is no current plan, asks what must be asked, and starts. */
export async function deployPlan(): Promise<void> {
  if (isBusy(deployStore.getState())) return;
  showBottomTab('plan');
  const { made: known, phase } = deployStore.getState();
  const wasShown = known !== null && phase === 'planned' && !isStale(known);
  if (!wasShown) await makePlan();
  const { made, phase: now } = deployStore.getState();
  if (!made || now !== 'planned' || made.plan.steps.length === 0) return;
  const protection = activeEnvironment(environmentStore.getState())?.protection ?? 'open';
  const isHarmless = protection === 'open' && addStakes(made.plan.steps).steps.length === 0;
  if (wasShown && isHarmless) await startDeploy({ allowDataLoss: false });
  else deployDialogStore.setState({ isOpen: true });
}

/** Ends a difference the other way round: the drawing takes what the broker has, as a step that can be undone; then plans again. */
export async function acceptStep(step: Step): Promise<void> {
  const label = `Accept ${objectLabel(step)}`;
  if (edit((flow) => acceptFound(flow, step) ?? flow, { label })) await makePlan();
}

/** Carries out the plan on view; resolves at its end. */
export async function startDeploy(options: StartOptions): Promise<void> {
  deployDialogStore.setState({ isOpen: false });
  await deploys.start(options);
}

/** Ends the deploy under way: what has not begun is skipped, what has is finished. */
export async function cancelDeploy(): Promise<void> {
  await deploys.cancel();
}

/** Plans again where there is a plan: what is on view is what Deploy would do. */
export async function setPrune(prune: boolean): Promise<void> {
  deployStore.setState({ prune });
  const state = deployStore.getState();
  if (state.made && !isBusy(state)) await makePlan();
}
