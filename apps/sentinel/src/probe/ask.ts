import type { Clock } from '../clock.ts'

export interface Request {
  readonly url: string
  readonly method?: 'GET' | 'POST' | 'PUT'
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Limit from the start of the request to the last byte of the answer. */
  readonly timeoutMs: number
  /** Most bytes that are read of an answer, after decompression. */
  readonly bytesMax: number
  /** Follow redirects, as a browser does. Never used with a key in the headers. */
  readonly follow?: true
}

export type Asked =
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly text: string }
  /** No connection, or a broken one. */
  | { readonly kind: 'unreachable' }
  /** No complete answer in time. */
  | { readonly kind: 'slow' }
  | { readonly kind: 'too-large' }

/** One HTTP request, bounded in time and size. Never rejects. */
export type Ask = (request: Request) => Promise<Asked>

/** @param userAgent sent with each request. */
export function createAsk(clock: Clock, userAgent: string): Ask {
  return async ({ url, method = 'GET', headers = {}, body, timeoutMs, bytesMax, follow }) => {
    const stop = new AbortController()
    let late = false
    const cancel = clock.after(timeoutMs, () => {
      late = true
      stop.abort()
    })
    try {
      const response = await fetch(url, {
        method,
        headers: {
          'user-agent': userAgent,
          accept: '*/*',
          // A new connection each time: a kept one would not show that new connections fail.
          connection: 'close',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: follow === true ? 'follow' : 'manual',
        signal: stop.signal,
      })
      const text = await readBounded(response, bytesMax)
      if (text === null) return { kind: 'too-large' }
      const contentType = response.headers.get('content-type') ?? ''
      return { kind: 'answer', status: response.status, contentType, text }
    } catch {
      return { kind: late ? 'slow' : 'unreachable' }
    } finally {
      cancel()
      stop.abort()
    }
  }
}

/** @returns null when the answer is larger. */
async function readBounded(response: Response, bytesMax: number): Promise<string | null> {
  if (response.body === null) return ''
  const decoder = new TextDecoder()
  let bytes = 0
  let text = ''
  for await (const piece of response.body) {
    bytes += piece.length
    if (bytes > bytesMax) return null
    text += decoder.decode(piece, { stream: true })
  }
  return text + decoder.decode()
}

/** The JSON object in a text; null when the text is no JSON object. */
export function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

export function isWhole(value: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
}

export function isText(value: unknown, charsMin: number, charsMax: number): value is string {
  return typeof value === 'string' && value.length >= charsMin && value.length <= charsMax
}
