import {
  type LimitName,
  INVITE_FAULTS,
  PATHS,
  REFUSALS,
  type Body,
  type Params,
  type Query,
  type Refusal,
  type RefusalCode,
  type Reply,
  type RouteName,
  type Suspension,
} from '@bongsu/protocol'

/** Longest wait for an answer. */
export const apiTimeoutMs = 15_000

type Given<K extends string, V> = [V] extends [undefined] ? { readonly [P in K]?: undefined } : { readonly [P in K]: V }
type Optional<K extends string, V> = [V] extends [undefined] ? { readonly [P in K]?: undefined } : { readonly [P in K]?: V }
export type ApiRequest<N extends RouteName> = Given<'params', Params<N>> & Optional<'query', Query<N>> & Given<'body', Body<N>>

export type ApiResult<T> =
  | { readonly ok: true; readonly value: T }
  /** `offline`: no answer arrived, so it is unknown whether the server did it. */
  | { readonly ok: false; readonly refusal: Refusal; readonly offline?: true }

export interface Api {
  /** Never rejects: a refusal and an unreachable server are values. */
  call<N extends RouteName>(
    name: N,
    ...request: Record<string, never> extends ApiRequest<N> ? [ApiRequest<N>?] : [ApiRequest<N>]
  ): Promise<ApiResult<Reply<N>>>
}

export interface ApiOptions {
  /** Address of the server, without a trailing slash; '' for the page's own origin. */
  readonly baseUrl: string
  readonly token: () => string | null
  readonly fetch?: typeof globalThis.fetch
}

/** The HTTP operations of the server, by their names in PATHS. */
export function createApi(options: ApiOptions): Api {
  // A bare reference would lose its `this` in browsers.
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  return {
    async call<N extends RouteName>(name: N, ...[request]: [ApiRequest<N>?]): Promise<ApiResult<Reply<N>>> {
      const { method } = PATHS[name]
      const url = options.baseUrl + pathOf(name, request?.params) + queryOf(request?.query)
      const token = options.token()
      const body = request?.body
      try {
        const response = await fetch(url, {
          method,
          headers: {
            accept: 'application/json',
            ...(token === null ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          cache: 'no-store',
          signal: AbortSignal.timeout(apiTimeoutMs),
        })
        // A truncated body is no answer, whatever its status. A body that is not JSON is not from the server.
        const answer = parsed(await response.text())
        if (response.ok && answer !== null) return { ok: true, value: answer as Reply<N> }
        return { ok: false, refusal: refusalOf(answer, response) }
      } catch {
        return { ok: false, refusal: { code: 'unavailable' }, offline: true }
      }
    },
  }
}

function pathOf(name: RouteName, params: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, string>>
  return PATHS[name].path.replaceAll(/:(\w+)/g, (_, key: string) => encodeURIComponent(values[key] ?? ''))
}

function queryOf(query: unknown): string {
  const pairs = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined)
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString()}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The refusal in an answer. A foreign answer (a proxy's page) is judged by its status. It says nothing about the request, so it is never final. */
function refusalOf(answer: unknown, response: Response): Refusal {
  if (typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'string' && Object.hasOwn(REFUSALS, answer.code)) {
    const retryAfterMs = 'retryAfterMs' in answer && typeof answer.retryAfterMs === 'number' ? answer.retryAfterMs : undefined
    const why = 'why' in answer ? INVITE_FAULTS.find((fault) => fault === answer.why) : undefined
    const suspension = 'suspension' in answer && isSuspension(answer.suspension) ? answer.suspension : undefined
    const limit = 'limit' in answer && typeof answer.limit === 'string' ? (answer.limit as LimitName) : undefined
    return {
      code: answer.code as RefusalCode,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(why === undefined ? {} : { why }),
      ...(suspension === undefined ? {} : { suspension }),
      ...(limit === undefined ? {} : { limit }),
    }
  }
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  const code: RefusalCode = response.status === 429 ? 'rate-limited' : response.status === 401 ? 'unauthenticated' : 'unavailable'
  return Number.isFinite(retryAfter) && retryAfter >= 0 ? { code, retryAfterMs: retryAfter * 1_000 } : { code }
}

function isSuspension(value: unknown): value is Suspension {
  const { suspensionId, at, until, reason, appeal } = (value ?? {}) as Partial<Record<keyof Suspension, unknown>>
  return (
    [suspensionId, reason, appeal].every((text) => typeof text === 'string') &&
    typeof at === 'number' &&
    (until === null || typeof until === 'number')
  )
}
