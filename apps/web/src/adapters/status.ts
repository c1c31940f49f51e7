import { useSyncExternalStore } from 'react'
import { chanceId, systemClock, systemRandom } from '@bongsu/client'
import type { SessionHost } from '../session-host.ts'
import { statusCharsMax, type Banner } from '../status/read-status.ts'
import { createStatusWatch } from '../status/status-watch.ts'
import { forgetStoredPage } from './service-worker.ts'

/** Longest wait for the sentinel's answer. */
const askMs = 5_000
// localStorage instead of IndexedDB: the value is needed before the app has opened its store, and when the store cannot be opened.
const memoryKey = 'bongsu.status'

interface Kept {
  readonly url: string | null
  readonly putAway: readonly string[]
}

function readMemory(): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(memoryKey) ?? '{}') as Partial<Kept>
    const putAway = Array.isArray(kept.putAway) ? kept.putAway.filter((key) => typeof key === 'string') : []
    return { url: typeof kept.url === 'string' ? kept.url : null, putAway }
  } catch {
    return { url: null, putAway: [] }
  }
}

function writeMemory(kept: Kept): void {
  try {
    localStorage.setItem(memoryKey, JSON.stringify(kept))
  } catch {
    // Without storage the value lasts as long as the window.
    return
  }
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, {
    mode: 'cors',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(askMs),
  })
  if (!response.ok || response.body === null) throw new Error(`the status answered ${response.status}`)
  return readBounded(response.body)
}

/** Stops reading an answer at the bound. */
async function readBounded(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
    if (text.length > statusCharsMax) {
      await reader.cancel()
      throw new Error('the status is too long')
    }
  }
}

const watch = createStatusWatch({ clock: systemClock, random: systemRandom, newId: chanceId, ask, memory: { read: readMemory, write: writeMemory } })

/** Learns the address of the sentinel's pages from this server. */
export function learnStatusUrl(url: string | undefined): void {
  // The stored page allows only the addresses known when it was stored.
  if (watch.learn(url ?? null)) void forgetStoredPage()
}

/** Watches the status while the app is in front, with the state of its connection [F6]. */
export function followHost(host: SessionHost): void {
  let ended = (): void => undefined
  let learnt = false

  function look(): void {
    const phase = host.phase()
    const shown = phase.at === 'in' || phase.at === 'out'
    const state = phase.at === 'in' ? phase.app.device.view().connection.state : null
    const live = phase.at === 'in' ? state === 'live' || state === 'signed-out' || state === 'outdated' : !(phase.at === 'out' && phase.troubled())
    const account = phase.at === 'in' && state !== 'signed-out' && state !== 'outdated' ? phase.app.accountId : null
    watch.follow({ front: shown && document.visibilityState === 'visible', live, account })
    if (phase.at !== 'in' || state !== 'live' || learnt) return
    learnt = true
    void phase.app.api.call('server').then((answer) => {
      if (answer.ok) learnStatusUrl(answer.value.statusUrl)
      else learnt = false
    })
  }

  host.subscribe(() => {
    ended()
    const phase = host.phase()
    ended = phase.at === 'in' ? phase.app.device.subscribe(look) : (): void => undefined
    look()
  })
  document.addEventListener('visibilitychange', look)
  look()
}

export function useStatusBanner(): Banner | null {
  return useSyncExternalStore(watch.subscribe, watch.banner)
}

/** Address of the sentinel's pages; null for none. */
export function useStatusUrl(): string | null {
  return useSyncExternalStore(watch.subscribe, watch.url)
}

export function putAwayBanner(key: string): void {
  watch.putAway(key)
}
