import type { StatusDocument } from '@bongsu/protocol'
import { conditionNow, headlineOf, STALE_AFTER_MS } from './headline.ts'
import type { Snapshot } from './snapshot.ts'
import { incidentPath } from './timeline.ts'
import { COMPONENT_NAMES } from './words.ts'

/** `/status.json` for the messenger's own app and other programs, as defined in the protocol. */
export function statusDocument(snapshot: Snapshot, stale: boolean): StatusDocument {
  return {
    name: snapshot.name,
    pageUrl: snapshot.pageUrl,
    madeAt: snapshot.madeAt,
    measuredAt: snapshot.measuredAt,
    staleAfterMs: STALE_AFTER_MS,
    sentence: headlineOf(snapshot, stale).sentence,
    components: snapshot.components.map((state) => ({
      id: state.component,
      name: COMPONENT_NAMES[state.component],
      condition: conditionNow(state, snapshot, stale),
    })),
    incidents: snapshot.open.map((incident) => ({
      id: incident.incidentId,
      url: `${snapshot.pageUrl}/${incidentPath(incident.incidentId)}`,
      title: incident.title,
      body: incident.updates.at(-1)?.body ?? incident.title,
      impact: incident.impact,
      status: incident.status,
      startedAt: incident.startedAt,
      updatedAt: incident.updatedAt,
      nextUpdateAt: incident.nextUpdateAt,
      share: incident.share === null ? null : { value: incident.share.value, low: incident.share.low, high: incident.share.high },
    })),
  }
}
