import { Agent, request } from 'node:http'
import { each } from './device.ts'
import type { PagePlace } from './jobs.ts'
import { storedText } from './stored-text.ts'
import { within } from './within.ts'

/** A page that takes longer will not come. */
const PAGE_MS = 60_000

/** A page of history, as far as it is looked at. */
interface PageReply {
  readonly entries: readonly { readonly seq: number; readonly body: { readonly kind: string; readonly text?: string } }[]
}

/** Reads the pages over connections that stay open; each must hold exactly what was written there. */
export async function readPages(
  url: string,
  places: readonly PagePlace[],
  limit: number,
  atOnce: number,
): Promise<{ readonly tookMs: readonly number[]; readonly faults: readonly string[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const tookMs: number[] = []
  const faults: string[] = []
  await each(places.length, atOnce, async (index) => {
    const place = places[index]
    if (place === undefined) return
    const startedAt = performance.now()
    const path = `/v1/conversations/${place.conversationId}/entries?before=${place.before}&limit=${limit}`
    const text = await within(PAGE_MS, 'A page', get(agent, url + path, place.token))
    tookMs.push(performance.now() - startedAt)
    const fault = faultIn(JSON.parse(text) as PageReply, place.before, limit)
    if (fault !== null && faults.length < 20) faults.push(`page before ${place.before} of ${place.conversationId}: ${fault}`)
  })
  agent.destroy()
  return { tookMs, faults }
}

export function faultIn({ entries }: PageReply, before: number, limit: number): string | null {
  if (entries.length !== limit) return `${entries.length} entries of ${limit}`
  for (const [index, { seq, body }] of entries.entries()) {
    if (seq !== before - limit + index) return `seq ${seq} stands at place ${index}`
    if (body.text !== storedText(seq)) return `seq ${seq} says something else than was written`
  }
  return null
}

function get(agent: Agent, url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`a page was answered ${response.statusCode}: ${text}`)),
      )
      response.on('error', reject)
    })
      .on('error', reject)
      .end()
  })
}
