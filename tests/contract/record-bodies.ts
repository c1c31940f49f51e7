import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncidentUpdate } from '../../apps/sentinel/src/vocabulary/incident.ts'
import type { Observation } from '../../apps/sentinel/src/vocabulary/observation.ts'
import type { RecordBody } from '../../apps/sentinel/src/record/record.ts'

/** 2026-11-22 00:00 in Seoul. */
export const aDay = Date.UTC(2026, 10, 21, 15)

export function temporaryRecord(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-record-'))
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}

export function observation(id: number, at: number, more: Partial<Observation> = {}): Observation {
  const readMs = 20 + (id % 17)
  return {
    id,
    at,
    knownAt: at + readMs,
    component: 'messaging',
    profile: id % 2 === 0 ? 'pc' : 'phone',
    outcome: 'ok',
    acceptedMs: 6 + (id % 9),
    deliveredMs: 9 + (id % 13),
    readMs,
    ...more,
  }
}

export function batch(at: number, observations: readonly Observation[], post = 'home'): RecordBody {
  return { kind: 'observations', body: { post, online: at > 0, observations } }
}

export function figures(at: number, n = 0): RecordBody {
  return {
    kind: 'figures',
    body: {
      at,
      process: '0199e3c4-7d5a-7c1e-9f43-5b0d6a7e8f90',
      cell: 'main',
      connectedUsers: 12_345 + (n % 100),
      silent: n % 7 === 0 ? [] : [{ agoMs: 4_000, users: n % 7 }],
      failedUsers: 0,
      signInsTried: 100_000 + n,
      signInsFailed: 3,
      reconnects: 1_000 + n,
      accepted: 10_000_000 + 200 * n,
      refusedBusy: 0,
    },
  }
}

export function incident(number: number, at: number, more: Partial<IncidentUpdate> = {}): RecordBody & { kind: 'incident' } {
  return {
    kind: 'incident',
    body: {
      incidentId: 'k3v9q2m7x1ab',
      number,
      at,
      by: { kind: 'person', name: '김봉수' },
      status: 'investigating',
      impact: 'major',
      title: { ko: 'PC 로그인이 되지 않습니다', en: 'Signing in on PCs does not work' },
      body: { ko: '확인하고 있습니다. 😀\u2028', en: 'We are looking into it. "quoted" \\ \0' },
      hits: [{ component: 'sign-in', condition: 'major_outage', profiles: ['pc'] }],
      startedAt: at - 60_000,
      detectedAt: null,
      endedAt: null,
      share: { value: 0.08, low: 0.05, high: 0.11, affected: 80, total: 1_000, source: 'server', kind: 'affected' },
      basis: { fromSeq: 1, toSeq: 2 },
      nextUpdateAt: at + 900_000,
      correction: null,
      notify: true,
      ...more,
    },
  }
}
