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
  /** Such as https://s3.ap-northeast-2.amazonaws.com, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  /** Folder within the bucket. May be empty. */
  readonly prefix?: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly requestMs?: number
}): Target {
  const { endpoint, bucket, prefix = '', region, accessKeyId, secretAccessKey, requestMs = BUCKET_BOUNDS.requestMs } = options
  // Only the loop of the target retries. Retries of the library would multiply with it.
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 })
  const base = [endpoint.replace(/\/+$/, ''), bucket, ...prefix.split('/').filter((part) => part !== '')].join('/')
  const sent = new Map<string, string>()

  async function put(path: string, file: PublishedFile, cancelled: AbortSignal): Promise<void> {
    const answer = await client.fetch(`${base}/${path}`, {
      method: 'PUT',
      // The library passes the body to fetch unchanged, and fetch refuses a view of a shared buffer.
      body: new Uint8Array(file.body),
      headers: { 'content-type': file.type, 'cache-control': CACHE_CONTROL, 'x-amz-content-sha256': file.hash },
      signal: AbortSignal.any([cancelled, AbortSignal.timeout(requestMs)]),
      // A redirect would send the signature to another host.
      redirect: 'error',
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${(await answer.text()).slice(0, BUCKET_BOUNDS.complaintCharactersMax)}`)
    await answer.body?.cancel()
    sent.set(path, file.hash)
  }

  return {
    name: `bucket ${bucket}`,
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
