/**
 * A process that appends to a record and says what was reported durable, one line each: `<seq> <hash>`. With a count it ends after so many; without, it is
 * killed.
 */
import { openRecord } from '../../apps/sentinel/src/record/open-record.ts'
import { batch, observation } from './record-bodies.ts'

const [directory = '', post = '', count = 'Infinity'] = process.argv.slice(2)
const record = openRecord(directory)
process.stdout.write('ready\n')
for (let n = 1; n <= Number(count); n++) {
  const at = Date.now()
  const entries = record.append(
    [batch(at, [observation(n, at), observation(n + 1, at)], post), { kind: 'sentinel', body: { event: 'started', version: post } }],
    at,
  )
  process.stdout.write(entries.map(({ seq, hash }) => `${seq} ${hash}\n`).join(''))
}
record.close()
