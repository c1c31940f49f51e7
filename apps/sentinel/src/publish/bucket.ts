import { AwsClient } from 'aws4fetch'
import type { PublishedFile } from './render.ts'
import type { Target } from './target.ts'

export const BUCKET_BOUNDS = {
  /** Limit for one file. */
  requestMs: 10_000,
  /** Most files on their way at the same time. */
  atOnce: 4,
  /** Characters of a bucket's refusal that are reported. */
  complaintCharactersMax: 500,
} as const

/** How long a host or a browser may reuse a file without asking. Short, because the page describes the present. */
export const CACHE_CONTROL = 'public, max-age=5'

/** A bucket with S3's protocol, at any host. Only files changed since the last success are sent. Nothing is ever deleted. */
export function bucketTarget(options: {
  /** Its host, the bucket, and perhaps a folder in it, such as https://s3.example.kr/status. */
  readonly url: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly requestMs?: number
}): Target {
  const { url, requestMs = BUCKET_BOUNDS.requestMs, ...account } = options
  const client = new AwsClient({ ...account, service: 's3' })
  const sent = new Map<string, string>()

  async function put(path: string, file: PublishedFile, cancelled: AbortSignal): Promise<void> {
    // The library passes the body to fetch unchanged, and fetch refuses a view of a shared buffer.
    const body = new Uint8Array(file.body)
    const headers = { 'content-type': file.type, 'cache-control': CACHE_CONTROL, 'x-amz-content-sha256': file.hash }
    const signed = await client.sign(`${url}/${path}`, { method: 'PUT', body, headers })
    // Not the library's own fetch: Node loses the signal of a copied request at the next garbage collection (nodejs/undici#4068).
    const answer = await fetch(signed.url, {
      method: 'PUT',
      body,
      headers: signed.headers,
      signal: AbortSignal.any([cancelled, AbortSignal.timeout(requestMs)]),
      // A redirect would send the signature to another host.
      redirect: 'error',
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, BUCKET_BOUNDS.complaintCharactersMax)}`)
    await answer.body?.cancel()
    sent.set(path, file.hash)
  }

  return {
    name: `bucket ${url}`,
    async push(files, cancelled) {
      const changed = [...files].filter(([path, { hash }]) => sent.get(path) !== hash)
      const failures: unknown[] = []
      let next = 0
      const worker = async (): Promise<void> => {
        for (let each = changed[next++]; each !== undefined && failures.length === 0; each = changed[next++]) {
          await put(each[0], each[1], cancelled).catch((cause: unknown) => failures.push(cause))
        }
      }
      await Promise.all(Array.from({ length: BUCKET_BOUNDS.atOnce }, worker))
      if (failures.length > 0) throw failures[0]
    },
  }
}
