import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { Statuspage } from 'statuspage.js'
import { EXAMPLES, exampleMaintenance, exampleSnapshot, NOW } from '../../../../tests/worlds/status-snapshots.ts'
import { createPages } from './pages.ts'
import { createRender } from './render.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { API_ENTRIES_MAX, API_STEP_MS, apiDocuments, apiIncident, apiPage, apiStatus, statuspageId, type ApiSource } from './statuspage.ts'

const KEYS = {
  page: ['id', 'name', 'url', 'time_zone', 'updated_at', 'expires_at', 'caution'],
  status: ['indicator', 'description'],
  component: [
    'id',
    'name',
    'status',
    'created_at',
    'updated_at',
    'position',
    'description',
    'showcase',
    'start_date',
    'group_id',
    'page_id',
    'group',
    'only_show_if_degraded',
  ],
  incident: [
    'id',
    'name',
    'status',
    'created_at',
    'updated_at',
    'monitoring_at',
    'resolved_at',
    'impact',
    'shortlink',
    'started_at',
    'page_id',
    'incident_updates',
    'components',
  ],
  update: [
    'id',
    'status',
    'body',
    'incident_id',
    'created_at',
    'updated_at',
    'display_at',
    'affected_components',
    'deliver_notifications',
    'custom_tweet',
    'tweet_id',
  ],
  affected: ['code', 'name', 'old_status', 'new_status'],
} as const

const ENUMS = {
  indicator: ['none', 'minor', 'major', 'critical', 'maintenance'],
  component: ['operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance'],
  incident: ['investigating', 'identified', 'monitoring', 'resolved', 'postmortem'],
  maintenance: ['scheduled', 'in_progress', 'completed'],
} as const

const ENDPOINTS = {
  summary: ['page', 'status', 'components', 'incidents', 'scheduled_maintenances'],
  status: ['page', 'status'],
  components: ['page', 'components'],
  incidents: ['page', 'incidents'],
  'incidents/unresolved': ['page', 'incidents'],
  'scheduled-maintenances': ['page', 'scheduled_maintenances'],
  'scheduled-maintenances/upcoming': ['page', 'scheduled_maintenances'],
  'scheduled-maintenances/active': ['page', 'scheduled_maintenances'],
} as const

type Json = Readonly<Record<string, unknown>>

/** A snapshot with everything in it: an open incident, a resolved one, and maintenance in each state. */
function full(): Snapshot {
  const works = (['scheduled', 'in_progress', 'completed'] as const).map((status, index) => exampleMaintenance(`m${index}`, NOW, status))
  return { ...EXAMPLES.signIn(), maintenances: works }
}

test('[S9] people who are silent, and what cannot be reached from here, rank as minor', () => {
  const plain = exampleSnapshot({ conditions: { messaging: 'partial_outage' } })
  const indicator = (snapshot: Snapshot): string => apiStatus(source(snapshot)).indicator
  assert.equal(indicator(plain), 'major')
  for (const trouble of ['silent', 'from-here'] as const) {
    const components = plain.components.map((state) =>
      state.component === 'messaging' ? { ...state, judgement: { ...state.judgement, trouble } } : state,
    )
    assert.equal(indicator({ ...plain, components }), 'minor')
  }
})

function source(snapshot: Snapshot, stale = false): ApiSource {
  return { snapshot, stale, language: 'ko' }
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
}

function checkComponent(component: Json): void {
  assert.deepEqual(Object.keys(component), KEYS.component)
  assert.match(String(component['id']), /^[a-z0-9]{12}$/)
  assert.ok((ENUMS.component as readonly unknown[]).includes(component['status']), String(component['status']))
  assert.ok(isTime(component['created_at']) && isTime(component['updated_at']))
}

function checkIncident(incident: Json, planned: boolean): void {
  assert.deepEqual(Object.keys(incident), planned ? [...KEYS.incident, 'scheduled_for', 'scheduled_until'] : KEYS.incident)
  assert.ok(((planned ? ENUMS.maintenance : ENUMS.incident) as readonly unknown[]).includes(incident['status']))
  assert.ok((planned ? ['maintenance'] : ENUMS.indicator.slice(0, 4)).includes(String(incident['impact'])))
  for (const name of ['created_at', 'updated_at', 'started_at', ...(planned ? ['scheduled_for', 'scheduled_until'] : [])])
    assert.ok(isTime(incident[name]), name)
  for (const name of ['monitoring_at', 'resolved_at']) assert.ok(incident[name] === null || isTime(incident[name]), name)
  for (const update of incident['incident_updates'] as Json[]) {
    assert.deepEqual(Object.keys(update), KEYS.update)
    assert.equal(update['incident_id'], incident['id'])
    assert.match(String(update['id']), /^[a-z0-9]{12}$/)
    for (const affected of (update['affected_components'] ?? []) as Json[]) {
      assert.deepEqual(Object.keys(affected), KEYS.affected)
      for (const name of ['old_status', 'new_status']) assert.ok((ENUMS.component as readonly unknown[]).includes(affected[name]))
    }
  }
  for (const component of incident['components'] as Json[]) checkComponent(component)
}

test('[S4] every document has exactly the fields of Statuspage, in its order, with its words only', () => {
  for (const [snapshot, stale] of [
    [full(), false],
    [full(), true],
    ...Object.values(EXAMPLES).map((example) => [example(), false] as const),
    [EXAMPLES.firstHour(), true],
  ] as const) {
    const documents = apiDocuments(source(snapshot, stale))
    assert.deepEqual(
      [...documents.keys()].toSorted(),
      Object.keys(ENDPOINTS)
        .map((name) => `api/v2/${name}.json`)
        .toSorted(),
    )
    for (const [name, keys] of Object.entries(ENDPOINTS)) {
      const document = JSON.parse(JSON.stringify(documents.get(`api/v2/${name}.json`))) as Json
      assert.deepEqual(Object.keys(document), keys, name)
      assert.deepEqual(Object.keys(document['page'] as Json), KEYS.page)
      assert.ok(isTime((document['page'] as Json)['updated_at']))
      if ('status' in document) {
        assert.deepEqual(Object.keys(document['status'] as Json), KEYS.status)
        assert.ok((ENUMS.indicator as readonly unknown[]).includes((document['status'] as Json)['indicator']))
      }
      for (const component of (document['components'] ?? []) as Json[]) checkComponent(component)
      for (const incident of (document['incidents'] ?? []) as Json[]) checkIncident(incident, false)
      for (const maintenance of (document['scheduled_maintenances'] ?? []) as Json[]) checkIncident(maintenance, true)
    }
  }
})

/** The published client, redirected to our server: it has only the original's host built in. */
async function clientOf(t: TestContext, snapshot: Snapshot): Promise<Statuspage> {
  const pages = createPages({ failed: (cause) => assert.fail(String(cause)), secure: false })
  pages.show(createRender({ subscribeUrl: null, apiLanguage: 'ko' })(snapshot, false))
  await pages.app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => pages.app.close())
  const client = new Statuspage('bongsu')
  const inner = client as unknown as { axios: { defaults: { baseURL: string } } }
  inner.axios.defaults.baseURL = `http://127.0.0.1:${(pages.server.address() as AddressInfo).port}/api/v2`
  return client
}

test('[S4] the published Statuspage client reads every endpoint from the real server without loss', async (t) => {
  const snapshot = full()
  const client = await clientOf(t, snapshot)
  const documents = apiDocuments(source(snapshot))
  const read: Readonly<Record<keyof typeof ENDPOINTS, unknown>> = {
    summary: await client.summary(),
    status: await client.status(),
    components: await client.components(),
    incidents: await client.allIncidents(),
    'incidents/unresolved': await client.unresolvedIncidents(),
    'scheduled-maintenances': await client.allScheduledMaintenances(),
    'scheduled-maintenances/upcoming': await client.upcomingScheduledMaintenances(),
    'scheduled-maintenances/active': await client.activeScheduledMaintenances(),
  }
  for (const name of Object.keys(ENDPOINTS) as (keyof typeof ENDPOINTS)[]) {
    // The client turns times into dates. Written again they are the same text, to the millisecond.
    assert.deepEqual(JSON.parse(JSON.stringify(read[name])), JSON.parse(JSON.stringify(documents.get(`api/v2/${name}.json`))), name)
  }
  const { incidents, components, scheduled_maintenances: works, status } = await client.summary()
  assert.equal(status.indicator, 'major')
  assert.equal(status.description, 'Partial System Outage')
  assert.deepEqual(
    components?.map((component) => [component.name, component.status]),
    [
      ['메시지 보내기·받기', 'operational'],
      ['로그인', 'major_outage'],
      ['앱 불러오기', 'operational'],
    ],
  )
  assert.equal(incidents?.[0]?.incident_updates[0]?.status, 'identified', 'the newest word comes first')
  assert.equal(incidents?.[0]?.created_at.getTime(), snapshot.open[0]?.createdAt)
  assert.equal(works?.length, 2, 'what is done is no part of the summary')
  assert.equal((await client.upcomingScheduledMaintenances()).scheduled_maintenances.length, 1)
  assert.equal((await client.activeScheduledMaintenances()).scheduled_maintenances.length, 1)
})

test('[S4] ids have twelve characters, are permanent for the same thing and different for different things', () => {
  assert.equal(statuspageId('component', 'messaging'), statuspageId('component', 'messaging'))
  // Pinned: an id stored by a reader must stay valid in every later version.
  assert.equal(statuspageId('component', 'messaging'), PINNED)
  const ids = Array.from({ length: 5_000 }, (_, index) => statuspageId('update', `x ${index}`))
  assert.ok(ids.every((id) => /^[a-z0-9]{12}$/.test(id)))
  assert.equal(new Set(ids).size, ids.length)
  assert.notEqual(statuspageId('incident', 'x'), statuspageId('maintenance', 'x'))
})

const PINNED = 'mi57vbcf5bb2'

test('the indicator follows the worst of components and incidents', () => {
  const of = (snapshot: Snapshot, stale = false): unknown => (apiDocuments(source(snapshot, stale)).get('api/v2/status.json') as Json)['status']
  const status = (indicator: string, description: string): unknown => ({ indicator, description })
  assert.deepEqual(of(EXAMPLES.well()), status('none', 'All Systems Operational'))
  assert.deepEqual(of(EXAMPLES.outage()), status('critical', 'Major Service Outage'))
  assert.deepEqual(of(EXAMPLES.signIn()), status('major', 'Partial System Outage'))
  assert.deepEqual(of(EXAMPLES.eightPercent()), status('minor', 'Minor Service Outage'))
  assert.deepEqual(of(EXAMPLES.maintenance()), status('maintenance', 'Service Under Maintenance'))
  assert.deepEqual(of(exampleSnapshot({ conditions: { web: 'degraded_performance' } })), status('minor', 'Partially Degraded Service'))
  assert.deepEqual(of(EXAMPLES.blind()), status('minor', 'Status Unknown: Monitoring Lost'))
  assert.deepEqual(of(EXAMPLES.well(), true), status('minor', 'Status Unknown: Monitoring Lost'))
})

test('[S2] a component without evidence is never operational, and a broken one stays broken until observed again', () => {
  const components = (snapshot: Snapshot): readonly Json[] =>
    (apiDocuments(source(snapshot, true)).get('api/v2/components.json') as { components: Json[] }).components
  assert.deepEqual(
    components(EXAMPLES.signIn()).map((each) => each['status']),
    ['degraded_performance', 'major_outage', 'degraded_performance'],
  )
  assert.ok(components(EXAMPLES.well()).every((each) => each['status'] === 'degraded_performance' && each['description'] !== null))
})

test('[S15] the time of the page moves with measuring in steps, and the page expires half a minute later', () => {
  const at = (measuredAt: number | null): readonly (string | null)[] => {
    const { updated_at: updatedAt, expires_at: expiresAt } = apiPage(source({ ...exampleSnapshot(), measuredAt }))
    return [updatedAt, expiresAt]
  }
  const step = Math.floor(NOW / API_STEP_MS) * API_STEP_MS
  const iso = (time: number): string => new Date(time).toISOString()
  assert.deepEqual(at(step), [iso(step), iso(step + 30_000)])
  assert.deepEqual(at(step + API_STEP_MS - 1), [iso(step), iso(step + 30_000)])
  assert.deepEqual(at(step + API_STEP_MS), [iso(step + API_STEP_MS), iso(step + API_STEP_MS + 30_000)])
  assert.equal(at(null)[1], null)
})

test('updates have a component’s old and new state, and the end makes it operational', () => {
  const [, past] = EXAMPLES.signIn().incidents
  assert.ok(past)
  const { incident_updates: updates, resolved_at: resolvedAt } = apiIncident(source(EXAMPLES.signIn()), past)
  const steps = updates.map(({ affected_components: affected }) => affected?.map((each) => [each.old_status, each.new_status]))
  assert.deepEqual(steps.toReversed(), [
    [['operational', 'partial_outage']],
    [['partial_outage', 'partial_outage']],
    [['partial_outage', 'operational']],
    [['operational', 'operational']],
  ])
  assert.equal(resolvedAt, new Date(past.endedAt ?? 0).toISOString(), 'the end that was told, not the time of telling')
  assert.match(updates[0]?.body ?? '', /다시 셈했습니다/, 'a correction is told as one')
})

test(`the API lists ${API_ENTRIES_MAX} incidents`, () => {
  const snapshot = EXAMPLES.well()
  const [past] = snapshot.incidents
  assert.ok(past)
  const many = { ...snapshot, incidents: Array.from({ length: API_ENTRIES_MAX + 1 }, (_, index) => ({ ...past, incidentId: `i${index}` })) }
  const { incidents } = apiDocuments(source(many)).get('api/v2/incidents.json') as { incidents: Json[] }
  assert.equal(incidents.length, API_ENTRIES_MAX)
})
