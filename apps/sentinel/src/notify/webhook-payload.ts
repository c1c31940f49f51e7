import type { Update } from '../acts/desk.ts'
import { foldIncidents, foldMaintenances } from '../incident/updates.ts'
import { apiComponent, apiIncident, apiMaintenance, apiStatus, statusOf, statuspageId, type ApiSource } from '../publish/statuspage.ts'
import type { Notice, StoredNotice } from './notice.ts'

/**
 * Body of a webhook, in the two forms of Statuspage: about an incident (or maintenance), and about one changed component. It has all fields that
 * programs written for Statuspage may read.
 *
 * @param part '' for the incident, else the name of the component.
 * @param settingsUrl where the webhook can be ended.
 * @returns null when there is nothing, or nothing any more, to tell about that component.
 */
export function webhookPayload(stored: StoredNotice, part: string, source: ApiSource, settingsUrl: string, now: number): object | null {
  const { snapshot } = source
  const { indicator, description } = apiStatus(source)
  const head = {
    meta: { unsubscribe: settingsUrl, documentation: snapshot.pageUrl, generated_at: new Date(now).toISOString() },
    page: { id: statuspageId('page', snapshot.pageUrl), status_indicator: indicator, status_description: description },
  }
  if (part !== '') {
    const component = componentPart(stored, part, source)
    return component === null ? null : { ...head, ...component }
  }
  return { ...head, incident: stateOf(stored.notice, source) }
}

/** Webhook fields that the API does not have. */
const WEBHOOK_FIELDS = {
  postmortem_ignored: false,
  postmortem_body: null,
  postmortem_body_last_updated_at: null,
  postmortem_published_at: null,
  postmortem_notified_subscribers: false,
  postmortem_notified_twitter: false,
  backfilled: false,
  scheduled_for: null,
  scheduled_until: null,
  scheduled_remind_prior: false,
  scheduled_reminded_at: null,
  impact_override: null,
  scheduled_auto_in_progress: false,
  scheduled_auto_completed: false,
} as const

/** The state when the notice was made, without later updates: each call tells one more step. */
function stateOf({ kind, update }: Notice, source: ApiSource): object {
  const { incidents, maintenances } = source.snapshot
  const earlier = <One extends Update>(known: readonly One[] = []): readonly One[] => known.filter(({ number }) => number < update.number)
  if (kind === 'incident') {
    const known = incidents.find(({ incidentId }) => incidentId === update.incidentId)
    const [incident] = foldIncidents([...earlier(known?.updates), update])
    return incident === undefined ? {} : { ...WEBHOOK_FIELDS, ...apiIncident(source, incident) }
  }
  const known = maintenances.find(({ maintenanceId }) => maintenanceId === update.maintenanceId)
  const [maintenance] = foldMaintenances([...earlier(known?.updates), update])
  return maintenance === undefined ? {} : { ...WEBHOOK_FIELDS, ...apiMaintenance(source, maintenance) }
}

function componentPart({ notice, changes }: StoredNotice, part: string, source: ApiSource): object | null {
  const change = changes.find(({ component }) => component === part)
  const state = source.snapshot.components.find(({ component }) => component === part)
  if (change === undefined || state === undefined) return null
  const createdAt = new Date(notice.update.at).toISOString()
  const component = apiComponent(source, state)
  return {
    component: { ...component, status: statusOf(change.to), updated_at: createdAt },
    component_update: {
      old_status: statusOf(change.from),
      new_status: statusOf(change.to),
      created_at: createdAt,
      component_type: 'Component',
      id: statuspageId('update', `${notice.key} ${part}`),
      component_id: component.id,
    },
  }
}
