import type { Config } from '../config.ts'
import { bucketTarget } from './bucket.ts'
import { rsyncTarget } from './rsync.ts'
import type { Target } from './target.ts'

/** The targets named in the settings. The address of a bucket consists of its host, the bucket, and optionally a folder in it. */
export function targetsOf(config: Pick<Config, 'rsync' | 's3' | 's3Region' | 's3KeyId' | 's3Secret'>, folder: string): readonly Target[] {
  const targets = config.rsync.map((destination) => rsyncTarget({ folder, destination }))
  if (config.s3 === '') return targets
  const { origin, pathname } = new URL(config.s3)
  const [bucket = '', ...prefix] = pathname.split('/').filter((part) => part !== '')
  return [
    ...targets,
    bucketTarget({
      endpoint: origin,
      bucket,
      prefix: prefix.join('/'),
      region: config.s3Region,
      accessKeyId: config.s3KeyId,
      secretAccessKey: config.s3Secret,
    }),
  ]
}
