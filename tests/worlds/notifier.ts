import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Incident, IncidentUpdate } from '../../apps/sentinel/src/vocabulary/incident.ts'
import { foldIncidents, isOpen, nextUpdate, openIncident } from '../../apps/sentinel/src/incident/updates.ts'
import { exampleSnapshot } from './status-snapshots.ts'
import type { Snapshot } from '../../apps/sentinel/src/present/snapshot.ts'
import type { Letter, Mailer, MailResult } from '../../apps/sentinel/src/notify/mailer.ts'
import { createNotifier, type Notifier } from '../../apps/sentinel/src/notify/notifier.ts'
import type { Notice } from '../../apps/sentinel/src/notify/notice.ts'
import { openNotifyStore, type NotifyStore } from '../../apps/sentinel/src/notify/open-store.ts'
import { subscriberKeys } from '../../apps/sentinel/src/notify/subscriber-keys.ts'
import { createTestClock, type TestClock } from './notifier-clock.ts'
import type { CallFault, WebhookSender } from '../../apps/sentinel/src/notify/webhook-sender.ts'

// A notifier with its file, and time moved by a test. Mail server and webhooks are ports, held in memory.

export const START = 1_800_000_000_000
export const minute = 60_000

/** A mail server in memory that answers at once. It stands for the port; mailer.test.ts uses a real one. */
export function memoryMailer(answer: (letter: Letter) => MailResult = () => ({ kind: 'told' })): Mailer & { readonly sent: Letter[]; tries: number } {
  const mailer = {
    sent: [] as Letter[],
    tries: 0,
    async send(letter: Letter, claim: () => boolean): Promise<MailResult> {
      mailer.tries++
      const result = answer(letter)
      if (result.kind !== 'told') return result
      if (!claim()) return { kind: 'withdrawn' }
      mailer.sent.push(letter)
      return result
    },
    close: () => undefined,
  }
  return mailer
}

interface Call {
  readonly url: string
  readonly id: string
  readonly at: number
  readonly body: {
    readonly incident?: { readonly status: string; readonly incident_updates: readonly { body: string }[] }
    readonly component?: object
    readonly component_update?: object
  }
}

export function memoryWebhooks(clock: TestClock, answer: (call: Call) => CallFault = () => null): WebhookSender & { readonly calls: Call[] } {
  const calls: Call[] = []
  return {
    calls,
    async send({ url, body, id }) {
      const call = { url, id, at: clock.now(), body: JSON.parse(body) as Call['body'] }
      calls.push(call)
      return answer(call)
    },
    close: () => undefined,
  }
}

export interface World {
  readonly clock: TestClock
  readonly store: NotifyStore
  readonly notifier: Notifier
  readonly warnings: string[]
  /** Makes a statement about an incident and tells it. */
  say(id: string, change: Partial<IncidentUpdate>): Notice
}

export function world(t: TestContext, parts: { mailer?: Mailer; webhooks?: WebhookSender; clock?: TestClock; file?: string } = {}): World {
  const clock = parts.clock ?? createTestClock(START)
  let { file } = parts
  if (file === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'bongsu-notifier-'))
    t.after(() => rmSync(folder, { recursive: true }))
    file = join(folder, 'subscribers.db')
  }
  const store = openNotifyStore(file, clock.now())
  const warnings: string[] = []
  const updates: IncidentUpdate[] = []
  const snapshot = (): Snapshot => {
    const incidents = foldIncidents(updates)
    return { ...exampleSnapshot(), incidents, open: incidents.filter(isOpen) }
  }
  const notifier = createNotifier({
    store,
    keys: subscriberKeys(Buffer.alloc(32, 1)),
    mailer: parts.mailer ?? memoryMailer(),
    webhooks: parts.webhooks ?? memoryWebhooks(clock),
    clock,
    snapshot,
    serviceUrl: 'https://status.example.kr',
    apiLanguage: 'ko',
    warn: (sentence) => warnings.push(sentence),
  })
  t.after(async () => {
    await notifier.close()
    store.close()
  })
  const incidentOf = (id: string): Incident | undefined => foldIncidents(updates).find(({ incidentId }) => incidentId === id)
  return {
    clock,
    store,
    notifier,
    warnings,
    say(id, change) {
      const before = incidentOf(id)
      const body = { ko: `말 ${updates.length + 1}`, en: `word ${updates.length + 1}` }
      const hits = [{ component: 'messaging', condition: 'major_outage', profiles: ['pc', 'phone'] }] as const
      const at = clock.now()
      const opening = {
        id,
        title: { ko: '메시지 장애', en: 'Messages fail' },
        body,
        hits,
        impact: 'critical',
        startedAt: at,
        detectedAt: at,
      } as const
      const update =
        before === undefined ? openIncident(opening, { kind: 'auto' }, at) : nextUpdate(before, { body, ...change }, { kind: 'auto' }, at)
      updates.push(update)
      const notice: Notice = { kind: 'incident', key: `incident:${id}:${update.number}`, update }
      notifier.tell([notice])
      return notice
    },
  }
}

export async function subscribe({ store, clock, notifier }: World, ...addresses: readonly string[]): Promise<void> {
  for (const address of addresses) assert.equal(store.subscribers.ask(address, 'ko', clock.now()), 'planned')
  notifier.look()
  await clock.pass(minute)
  for (let id = 1; store.subscribers.find(id) !== null; id++) store.subscribers.confirm(id, clock.now())
  await clock.pass(minute)
}
