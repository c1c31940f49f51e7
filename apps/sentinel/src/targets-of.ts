import type { Config } from './config.ts'
import { bucketTarget } from './publish/bucket.ts'
import { rsyncTarget } from './publish/rsync.ts'
import type { Target } from './publish/target.ts'

/** The targets named in the settings. */
export function targetsOf(config: Pick<Config, 'rsync' | 's3' | 's3Region' | 's3KeyId' | 's3Secret'>, folder: string): readonly Target[] {
  const targets = config.rsync.map((destination) => rsyncTarget({ folder, destination }))
  if (config.s3 === '') return targets
  const { s3: url, s3Region: region, s3KeyId: accessKeyId, s3Secret: secretAccessKey } = config
  return [...targets, bucketTarget({ url, region, accessKeyId, secretAccessKey })]
}
