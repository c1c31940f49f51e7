import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import type { StatusDocument } from '@bongsu/protocol'

/** The sentinel's address as a browser sees it, with whatever the test wants to stand there. */
export interface StatusServer {
  readonly url: string
  /** How often `status.json` was asked for. */
  asked: number
  /** What is answered besides the fresh time; null: nothing but an error. */
  document: Pick<StatusDocument, 'incidents'> | null
  /** How far the browser's clock is ahead, in ms: the fresh time is fresh there. */
  aheadMs: number
  /** How old the newest evidence is, in ms. */
  ageMs: number
  /** When the evidence counts as old, in ms. */
  staleAfterMs: number
  /** Answered as it is, in the place of a document. */
  raw: string | null
}

export async function startStatusServer(t: Pick<TestContext, 'after'>): Promise<StatusServer> {
  const status = { asked: 0, document: { incidents: [] }, aheadMs: 0, ageMs: 0, staleAfterMs: 60_000, raw: null, url: '' } as {
    -readonly [K in keyof StatusServer]: StatusServer[K]
  }
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/status.json') return void response.writeHead(404).end()
    status.asked++
    // Static pages say so of themselves; nothing of the app's is asked for.
    const headers = { 'access-control-allow-origin': '*', 'content-type': 'application/json' }
    if (status.document === null) return void response.writeHead(500, headers).end()
    const now = Date.now() + status.aheadMs
    const sentence = { ko: '상태', en: 'Status' }
    const base = {
      name: '봉수',
      pageUrl: status.url,
      madeAt: now,
      measuredAt: now - status.ageMs,
      staleAfterMs: status.staleAfterMs,
      sentence,
      components: [],
    }
    response.writeHead(200, headers).end(status.raw ?? JSON.stringify({ ...base, ...status.document }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  status.url = `http://localhost:${(server.address() as AddressInfo).port}`
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return status
}

export function incidentOf(status: StatusServer, change: Partial<StatusDocument['incidents'][number]> = {}): StatusDocument['incidents'][number] {
  return {
    id: 'sign-in-1',
    url: `${status.url}/incidents/sign-in-1/`,
    title: { ko: 'PC에서 로그인이 되지 않습니다', en: 'Signing in on a PC does not work' },
    body: {
      ko: '메시지 보내기와 받기는 정상입니다. 이미 로그인한 기기는 그대로 쓸 수 있습니다. 원인을 찾고 있으며 11시 20분까지 다시 알려 드립니다.',
      en: 'Sending and receiving messages works. Devices that are signed in can be used as they are. We are looking for the cause and will write again by 11:20.',
    },
    impact: 'minor',
    status: 'investigating',
    startedAt: Date.now() - 60_000,
    updatedAt: Date.now() - 10_000,
    nextUpdateAt: null,
    share: { value: 0.078, low: 0.061, high: 0.097 },
    ...change,
  }
}
