import { flowStore } from '@renderer/flow/flow-store';
import { sameJson } from '@shared/flow/diff';
import { checkFlow } from '@shared/kinds/registry';
import { factsStore } from './broker-facts';

/** Typing should not wait for a check: it runs this long after the last change, milliseconds. */
const QUIET_MS = 120;

/** Checks the flow now and puts the problems into the flow store. */
export function runCheck(): void {
  const { flow, problems } = flowStore.getState();
  const found = checkFlow(flow, factsStore.getState());
  if (!sameJson(found, problems)) flowStore.setState({ problems: found });
}

/** Checks whenever the flow or what is known of its brokers changes. Answers the stop function. */
export function checkWhileDrawing(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(runCheck, QUIET_MS);
  };
  const stopFlow = flowStore.subscribe((state, before) => {
    if (state.openedCount !== before.openedCount) runCheck();
    else if (state.flow !== before.flow) soon();
  });
  const stopFacts = factsStore.subscribe(soon);
  soon();
  return () => {
    clearTimeout(timer);
    stopFlow();
    stopFacts();
  };
}
