import type { Outcome } from '../vocabulary/observation.ts'
import type { Ask, Asked } from './ask.ts'

/** Limit for the page and its script together. */
export const webWithinMs = 5_000
const pageBytesMax = 262_144
const scriptBytesMax = 8_388_608

/** Loads the app as a browser without cache does: the page, then the script named in the page. Both must be as the build makes them. */
export async function tryWeb(ask: Ask, serverUrl: string, monotonic: () => number): Promise<Outcome> {
  const begunMs = monotonic()
  const left = (): number => Math.max(1, webWithinMs - (monotonic() - begunMs))
  const pageUrl = new URL('/', serverUrl)
  const page = await ask({ url: pageUrl.href, timeoutMs: left(), bytesMax: pageBytesMax, follow: true, headers: { accept: 'text/html' } })
  if (page.kind !== 'answer' || page.status !== 200) return outcomeOf(page)
  const source = scriptIn(page.text)
  if (source === null || !URL.canParse(source, pageUrl)) return 'refused'
  const url = new URL(source, pageUrl)
  // A page that loads a script from another origin is not the app's page.
  if (url.origin !== pageUrl.origin) return 'refused'
  const script = await ask({ url: url.href, timeoutMs: left(), bytesMax: scriptBytesMax, follow: true })
  if (script.kind !== 'answer' || script.status !== 200) return outcomeOf(script)
  // Some hosts answer every missing path with a page of their own and status 200.
  return /javascript/.test(script.contentType) && script.text.length > 0 ? 'ok' : 'refused'
}

function outcomeOf(answer: Asked): Outcome {
  return answer.kind === 'unreachable' ? 'unreachable' : answer.kind === 'slow' ? 'unaccepted' : 'refused'
}

/** The main script of the app's page, as the build writes it. Null for any other page. */
export function scriptIn(html: string): string | null {
  if (!/<div id="root">/.test(html)) return null
  const [tag] = /<script\b[^>]*\btype="module"[^>]*>/.exec(html) ?? []
  return /\bsrc="([^"]+)"/.exec(tag ?? '')?.[1] ?? null
}
