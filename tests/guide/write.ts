import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../tools/files.ts'
import { fillGuide, GUIDE } from './guide.ts'
import { writeTranscripts } from './transcripts.ts'

/** `npm run guide`: writes the transcripts and tables of the guide for authors of clients, from a real server. A test fails when they differ. */
const cleaners: (() => void | Promise<void>)[] = []
try {
  const transcripts = await writeTranscripts({ after: (run) => void cleaners.push(run) })
  const file = join(ROOT, GUIDE)
  writeFileSync(file, fillGuide(readFileSync(file, 'utf8'), transcripts))
} finally {
  for (const clean of cleaners.toReversed()) await clean()
}
