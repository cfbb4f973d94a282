import type { Flow } from '@shared/flow/schema';
import { buildJourney, findJourneys, summarise } from '@shared/journey/build-journeys';
import { explainByDrawing } from '@shared/journey/explain-by-drawing';
import type { LiveService } from './live';
import type { TrafficHub } from './traffic-hub';

/** Makes journeys of what is remembered, when they are asked for and not before. */
export function createJourneys(
  hub: Pick<TrafficHub, 'remembered'>,
  flow: () => Flow,
): Pick<LiveService, 'journeys' | 'journey'> {
  return {
    async journeys({ search, limit }) {
      const { events, forgotten, notSeen } = await hub.remembered();
      const found = findJourneys(events, search);
      const drawn = flow();
      const explain = explainByDrawing(drawn);
      const journeys = found.slice(0, limit).map((source) => summarise(buildJourney(source, drawn, explain)));
      return { journeys, found: found.length, remembered: events.length, forgotten, notSeen };
    },
    async journey(id) {
      const { events } = await hub.remembered();
      const source = findJourneys(events).find(({ joined }) => joined.keys.has(id));
      return source ? buildJourney(source, flow(), explainByDrawing(flow())) : null;
    },
  };
}
