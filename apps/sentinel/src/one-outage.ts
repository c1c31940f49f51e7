import type { Incident, IncidentUpdate } from './incident/incident.ts'
import { isAutomatic, LIFECYCLE_BOUNDS, maxImpact } from './incident/lifecycle.ts'
import { foldIncidents, isOpen, nextUpdate } from './incident/updates.ts'
import type { SqliteRecord } from './record/sqlite-record.ts'
import type { Unwritten } from './watch.ts'

/**
 * Rewrites the statements of a sentinel that could not read its own record, for the moment when the record can be read. If the record holds an open
 * incident that the sentinel declared itself, the outage found at the start is the same outage [S1]: the statements become updates of that incident
 * and keep its start and detection times.
 */
export function asOneOutage(record: Pick<SqliteRecord, 'each'>, unwritten: readonly Unwritten[]): readonly Unwritten[] {
  const said = [...record.each({ kinds: ['incident'] })].flatMap((entry) => (entry.kind === 'incident' ? [entry.body] : []))
  const open = foldIncidents(said).find((each) => isOpen(each) && isAutomatic(each))
  const found = firstIncident(unwritten)
  const startedAt = unwritten[0]?.at ?? 0
  // An outage that began after a long healthy time is a different outage.
  if (open === undefined || found === undefined || found.startedAt - startedAt >= LIFECYCLE_BOUNDS.againMs) return unwritten
  let incident: Incident = open
  return unwritten.map((each) => {
    if (each.body.kind !== 'incident' || each.body.body.incidentId !== found.incidentId) return each
    const update = wordOf(incident, each.body.body)
    incident = foldIncidents([...incident.updates, update])[0] as Incident
    return { ...each, body: { kind: 'incident', body: update } }
  })
}

function firstIncident(unwritten: readonly Unwritten[]): IncidentUpdate | undefined {
  return unwritten.flatMap(({ body }) => (body.kind === 'incident' ? [body.body] : []))[0]
}

function wordOf(incident: Incident, word: IncidentUpdate): IncidentUpdate {
  const { status, title, body, hits, endedAt, basis, nextUpdateAt, notify } = word
  const change = { status, title, body, hits, endedAt, basis, nextUpdateAt, notify, impact: maxImpact(incident.impact, word.impact) }
  return nextUpdate(incident, word.share === null ? change : { ...change, share: word.share }, word.by, word.at)
}
