import { AwsClient } from 'aws4fetch'
import type { PublishedFile } from './render.ts'
import type { Target } from './target.ts'

export const BUCKET_BOUNDS = {
  /** One file. */
  requestMs: 10_000,
  /** Files under way at the same time. */
  atOnce: 4,
  /** Of what the bucket says when it refuses, this much is reported. */
  complaintCharactersMax: 500,
} as const

/** How long a host or a browser may keep a file without asking. Short: the page tells of now. */
export const CACHE_CONTROL = 'public, max-age=5'

/** A bucket that speaks S3's protocol, at any host. Only what has changed since the last success is sent; nothing is ever deleted. */
export function bucketTarget(options: {
  /** As https://s3.ap-northeast-2.amazonaws.com, without the bucket. */
  readonly endpoint: string
  readonly bucket: string
  /** Folder within the bucket, may be empty. */
  readonly prefix?: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly requestMs?: number
}): Target {
  const { endpoint, bucket, prefix = '', region, accessKeyId, secretAccessKey, requestMs = BUCKET_BOUNDS.requestMs } = options
  // Tries are counted in one place, the loop of the target; the library's own would multiply with them.
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 })
  const base = [endpoint.replace(/\/+$/, ''), bucket, ...prefix.split('/').filter((part) => part !== '')].join('/')
  const sent = new Map<string, string>()

  async function put(path: string, file: PublishedFile, cancelled: AbortSignal): Promise<void> {
    const answer = await client.fetch(`${base}/${path}`, {
      method: 'PUT',
      // The library hands it to fetch as it is; a view of a shared buffer would be refused.
      body: new Uint8Array(file.body),
      headers: { 'content-type': file.type, 'cache-control': CACHE_CONTROL, 'x-amz-content-sha256': file.hash },
      signal: AbortSignal.any([cancelled, AbortSignal.timeout(requestMs)]),
      // A redirect would take the signature to another host.
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
