import { engine } from '@renderer/engine/client';
import { type ReadableFailure, readFailure } from '@renderer/engine/failure';
import type { JourneyState as Fate, Journey, JourneyList } from '@shared/journey/journey';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** Journeys asked for at a time. */
const LIST_LIMIT = 500;
/** Between two looks while the panel is open. */
const LOOK_EVERY_MS = 1500;

/** Journeys as the panel shows them, and the one that is followed on the canvas; session state. */
export interface JourneyState {
  search: string;
  /** Only those that came to this; null: all. Filters the newest ones that were asked for. */
  fate: Fate | null;
  /** Null before the first look. */
  list: JourneyList | null;
  failure: ReadableFailure | null;
  /** The journey on the canvas; null: the canvas is live. */
  shown: Journey | null;
  /** The step whose moment the canvas shows. */
  moment: number;
}

export const journeyStore = createStore<JourneyState>(() => ({
  search: '',
  fate: null,
  list: null,
  failure: null,
  shown: null,
  moment: 0,
}));

/** Reads the journeys in React. */
export function useJourneys<T>(selector: (state: JourneyState) => T): T {
  return useStore(journeyStore, selector);
}

/** Who knows journeys: the live session, or a tape at its moment. */
export interface JourneySource {
  journeys: (request: { search: string; limit: number }) => Promise<JourneyList>;
  journey: (request: { id: string }) => Promise<Journey | null>;
}

const LIVE: JourneySource = {
  journeys: (request) => engine.traffic.journeys(request),
  journey: (request) => engine.traffic.journey(request),
};
let source = LIVE;

/** From now on journeys are asked of this source; null: of the live session. */
export function setJourneySource(next: JourneySource | null): void {
  source = next ?? LIVE;
  journeyStore.setState({ list: null, failure: null });
}

/** Puts a journey on the canvas, at its last step; null gives the canvas back to live traffic. */
export function showJourney(shown: Journey | null): void {
  journeyStore.setState({ shown, moment: Math.max(0, (shown?.steps.length ?? 0) - 1) });
}

/** Goes to a step; beyond the ends it stays there. */
export function showMoment(moment: number): void {
  const last = (journeyStore.getState().shown?.steps.length ?? 1) - 1;
  journeyStore.setState({ moment: Math.min(Math.max(0, moment), last) });
}

/** Opens a journey by any id of it; false when it is not remembered. @throws what the engine refuses */
export async function openJourney(id: string): Promise<boolean> {
  const journey = await source.journey({ id });
  if (journey) showJourney(journey);
  return journey !== null;
}

async function look(): Promise<void> {
  const { search, shown } = journeyStore.getState();
  try {
    const list = await source.journeys({ search, limit: LIST_LIMIT });
    const news = list.journeys.find(({ id }) => id === shown?.id);
    journeyStore.setState({ list, failure: null });
    if (shown && news && news.events > shown.events) await refresh(shown);
  } catch (error) {
    journeyStore.setState({ failure: readFailure(error) });
  }
}

/** Takes in what happened since; who looks at an earlier step stays there. */
async function refresh(known: Journey): Promise<void> {
  const journey = await source.journey({ id: known.id });
  const { shown, moment } = journeyStore.getState();
  if (!journey || shown !== known) return;
  const step = known.steps[moment];
  const wasLast = moment === known.steps.length - 1;
  const same = journey.steps.findIndex(
    ({ seq, type, node }) => seq === step?.seq && type === step.type && node === step.node,
  );
  journeyStore.setState({ shown: journey, moment: wasLast || same < 0 ? journey.steps.length - 1 : same });
}

/** Looks at once and then again and again, until the function returned is called; a new search is looked for at once. */
export function lookAtJourneys(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  let isLooking = false;
  let isAskedAgain = false;
  const go = async () => {
    clearTimeout(timer);
    if (isLooking) {
      isAskedAgain = true;
      return;
    }
    isLooking = true;
    await look();
    isLooking = false;
    if (isOver) return;
    const soon = isAskedAgain;
    isAskedAgain = false;
    timer = setTimeout(go, soon ? 0 : LOOK_EVERY_MS);
  };
  const stopSearches = journeyStore.subscribe((state, before) => {
    if (state.search !== before.search) void go();
  });
  void go();
  return () => {
    isOver = true;
    clearTimeout(timer);
    stopSearches();
  };
}
