import { INCIDENT_STATUSES, type Author, type Hit, type Incident, type Maintenance, type Text } from '../vocabulary/incident.ts'
import { impactOf } from '../incident/lifecycle.ts'
import {
  faultsInMaintenance,
  faultsInUpdate,
  isOpen,
  nextMaintenance,
  nextUpdate,
  openIncident,
  planMaintenance,
  stateOf,
  type Planning,
} from '../incident/updates.ts'
import { PROFILES } from '../vocabulary/observation.ts'
import { FIELDS, type Act, type Field, type FieldName, type IncidentAct, type MaintenanceAct } from './acts.ts'
import { idOf, isCurrent, unsaid, type ActDesk, type Derive, type Said, type Thing, type Unsaid, type Update } from './desk.ts'
import { hitsWithPins } from '../incident/pins.ts'
import { readTyped, type NamedHit, type Typed } from './typed.ts'

// Turns what a person typed, at the command line or in a form, into a statement, with the same pure functions as the sentinel itself.

export interface Saying {
  readonly desk: ActDesk
  /** Fields by their names; `notify` is yes or no. */
  readonly values: URLSearchParams
  readonly by: Author
  readonly now: number
  readonly timeZone: string
  /** What it is about: an id or the beginning of one. Left out: the only one that is going on. */
  readonly id?: string | undefined
  /** Number of statements that the writer has seen. When there are more than that, apart from new figures of the sentinel, nothing is said. */
  readonly seen?: number | undefined
}

export function speak(act: Act, saying: Saying): Said {
  const derive = deriveBy(act, saying)
  return 'faults' in derive ? derive : saying.desk.say(act.area, derive.update)
}

/** The statement as it would be said now. Nothing is said. */
export function preview(act: Act, saying: Saying): Update | Unsaid {
  const derive = deriveBy(act, saying)
  return 'faults' in derive ? derive : derive.update(saying.desk.things(act.area), saying.now)
}

/** What was typed for an act, and the statement that follows from it. */
interface Reading {
  readonly found: Readonly<Partial<Record<FieldName, unknown>>>
  /** @param one what it is about; null when the act opens it. */
  readonly derive: (one: Thing | null, statement: Statement) => Update | Unsaid
}

interface Statement {
  readonly id: string
  readonly body: Text
  readonly notify: boolean
  readonly by: Author
  readonly at: number
}

/** Everything that is wrong with the fields is said at once. What depends on earlier statements is derived from them. */
function deriveBy(act: Act, saying: Saying): Unsaid | { readonly update: Derive } {
  const { values, by, desk } = saying
  const typed = readTyped(values, saying.timeZone, saying.now)
  const body = typed.both('body') ?? act.body
  const { found, derive } = act.area === 'incident' ? readIncident(act, typed) : readMaintenance(act, typed)
  // What cannot be read is not also missing.
  const isThere = (name: FieldName): boolean =>
    name === 'body' ? body !== null : found[name] !== undefined || typed.faults.some(({ en }) => en.startsWith(name))
  const missing = act.needs.filter((name) => !isThere(name)).map((name) => missingText(FIELDS[name]))
  const faults = [...typed.faults, ...missing]
  if (faults.length > 0 || body === null) {
    const one = act.opens ? { faults: [] } : choose(desk.things(act.area), saying)
    return { faults: [...faults, ...('faults' in one ? one.faults : [])] }
  }
  const notify = values.has('notify') ? values.get('notify') === 'yes' : act.tells
  const id = desk.newId()
  return {
    update(things, at) {
      const one = act.opens ? null : choose(things, saying)
      if (one !== null && 'faults' in one) return one
      const update = derive(one, { id, body, notify, by, at })
      if ('faults' in update) return update
      const wrong = 'incidentId' in update ? faultsInUpdate(update) : faultsInMaintenance(update)
      return wrong.length === 0 ? update : { faults: wrong.map((fault) => ({ ko: fault, en: fault })) }
    },
  }
}

function missingText({ label, flags }: Field): Text {
  return { ko: `빈칸이 있습니다: ${label.ko} (${flags[0]})`, en: `Missing: ${label.en} (${flags[0]}).` }
}

/** Fields that were typed; left out, they stay as they were. */
function given<Values extends object>(values: Values): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<Values>>
}

function readIncident(act: IncidentAct, typed: Typed): Reading {
  const { hits, correction, ...wanted } = given({
    title: typed.both('title'),
    hits: typed.hits(),
    impact: typed.impact(),
    status: typed.status(INCIDENT_STATUSES),
    startedAt: typed.time('started', 'past'),
    detectedAt: typed.time('detected', 'past'),
    endedAt: typed.time('ended', 'past'),
    share: typed.share(),
    correction: act.needs.includes('why') ? typed.both('why') : undefined,
  })
  return {
    found: { title: wanted.title, why: correction, component: hits },
    derive(one, { id, body, notify, by, at }) {
      const incident = one as Incident | null
      if (incident === null) {
        const { title = { ko: '', en: '' }, impact, startedAt = at, detectedAt = at, ...rest } = wanted
        const failing = mergeHits([], hits ?? [])
        const opening = { ...rest, id, title, body, hits: failing, impact: impact ?? impactOf(failing), startedAt, detectedAt, notify }
        return openIncident(opening, by, at)
      }
      const status = wanted.status ?? act.status ?? incident.status
      const problems: Text[] = []
      if (wanted.endedAt !== undefined && isOpen({ status }))
        problems.push({ ko: '끝난 시각은 끝난 장애에만 씁니다 (resolve).', en: 'The end is only for a resolved incident (resolve).' })
      if (act.status === 'resolved' && isOpen({ status }))
        problems.push({ ko: 'resolve의 상태는 resolved 또는 postmortem입니다.', en: 'With resolve, the state is resolved or postmortem.' })
      if (act.status === 'resolved' && !isOpen(incident))
        problems.push({
          ko: `${incident.incidentId} 는 이미 끝났습니다. 고치려면 바로잡으십시오 (correct).`,
          en: `${incident.incidentId} is already resolved. To change an earlier statement, use correct.`,
        })
      if (problems.length > 0) return { faults: problems }
      const change = { ...given({ correction }), ...wanted, status, body, notify, hits: mergeHits(hitsWithPins(incident), hits ?? []) }
      return nextUpdate(incident, change, by, at)
    },
  }
}

/** Named components replace earlier values, operational ones are removed, and the others stay. */
function mergeHits(before: readonly Hit[], now: readonly NamedHit[]): readonly Hit[] {
  const kept = before.filter(({ component }) => !now.some((hit) => hit.component === component))
  const same = ({ component, condition }: NamedHit): Hit | undefined =>
    before.find((hit) => hit.component === component && hit.condition === condition)
  const named = now.map((hit): Hit => ({ ...hit, profiles: hit.profiles ?? same(hit)?.profiles ?? PROFILES }))
  return [...kept, ...named].filter(({ condition }) => condition !== 'operational')
}

function readMaintenance(act: MaintenanceAct, typed: Typed): Reading {
  const components = typed.components()
  const wanted = given({
    title: typed.both('title'),
    components,
    scheduledFor: typed.time('from', 'future'),
    scheduledUntil: typed.time('until', 'future'),
    status: act.status ?? undefined,
  })
  return {
    found: {
      title: wanted.title,
      component: components?.length === 0 ? undefined : components,
      from: wanted.scheduledFor,
      until: wanted.scheduledUntil,
    },
    derive(one, { id, body, notify, by, at }) {
      const maintenance = one as Maintenance | null
      if (maintenance === null)
        // All of it is needed, and was found.
        return { ...planMaintenance({ ...(wanted as Planning), maintenanceId: id, body }, by, at), notify }
      const { maintenanceId, status } = maintenance
      if (status === 'completed') return unsaid(`${maintenanceId} 는 이미 끝났습니다.`, `${maintenanceId} is already completed.`)
      if (act.name === 'start' && status !== 'scheduled')
        return unsaid(`${maintenanceId} 는 이미 시작했습니다.`, `${maintenanceId} has already started.`)
      return nextMaintenance(maintenance, { ...wanted, body, notify }, by, at)
    },
  }
}

/** The one that is meant. Without an id, the only one that is going on. */
function choose(all: readonly Thing[], { id, seen }: Pick<Saying, 'id' | 'seen'>): Thing | Unsaid {
  const exact = all.filter((one) => idOf(one) === id)
  const found = exact.length > 0 ? exact : id === undefined ? all.filter(isCurrent) : all.filter((one) => idOf(one).startsWith(id))
  const [one] = found
  const names = found.map(idOf).join(', ')
  if (one === undefined)
    return id === undefined
      ? unsaid('진행 중인 것이 없습니다. list --all 에 있는 ID 를 적으십시오.', 'None is open. Give an id as shown by list --all.')
      : unsaid(`"${id}" 는 없습니다.`, `There is no "${id}".`)
  if (found.length > 1) return unsaid(`여럿이 있습니다. ID 를 적으십시오: ${names}`, `There are several. Give one of these ids: ${names}`)
  if (seen !== undefined && !hasSeen(one.updates, seen))
    return unsaid(
      '그사이 다른 말이 더해졌습니다. 아래 경과를 보시고 다시 보내 주십시오.',
      'Someone published an update meanwhile. Please check the updates below and send again.',
    )
  return one
}

/** Whether nothing was said that a writer who has seen so many statements must see first. A new figure of the sentinel changes no words of a person. */
function hasSeen(updates: readonly Update[], seen: number): boolean {
  const last = updates[seen - 1]
  if (last === undefined) return false
  return updates.slice(seen).every((update) => update.by.kind === 'auto' && stateOf(update) === stateOf(last))
}
