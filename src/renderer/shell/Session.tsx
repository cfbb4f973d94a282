import { engineStatus } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import { environmentStore } from '@renderer/environments/environment-store';
import { documentSync } from '@renderer/flow/document';
import { flowStore } from '@renderer/flow/flow-store';
import { LiveSession } from '@renderer/live/LiveSession';
import { forgetFacts, learnFacts } from '@renderer/problems/broker-facts';
import { checkWhileDrawing } from '@renderer/problems/live-check';
import { isTapeOpen } from '@renderer/tape/tape-store';
import { useEffect } from 'react';

/** Learns what the brokers are whenever that may have changed: another environment, other brokers, the engine is back. */
function keepFactsFresh(): () => void {
  const learn = () => {
    // Brokers on a tape are nobody's to ask.
    if (isTapeOpen()) return;
    if (engineStatus.getState().state === 'connected') void attempt('Check', () => learnFacts(false));
  };
  const stops = [
    environmentStore.subscribe((state, before) => {
      if (state.active !== before.active || state.environments !== before.environments) learn();
    }),
    flowStore.subscribe((state, before) => {
      const isOther = state.openedCount !== before.openedCount;
      // Another flow's broker of the same id may be of another kind.
      if (isOther) forgetFacts();
      if (isOther || Object.keys(state.flow.brokers).join() !== Object.keys(before.flow.brokers).join()) learn();
    }),
    engineStatus.subscribe(learn),
  ];
  learn();
  return () => {
    for (const stop of stops) stop();
  };
}

/** What runs as long as the window is there; draws nothing of its own. */
export function Session() {
  useEffect(() => {
    const stops = [checkWhileDrawing(), keepFactsFresh(), documentSync.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);
  return <LiveSession />;
}
