import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROOT } from '../../tools/files.ts'
import { CLOSE_CODES, ENTRY_KINDS, FEATURES, MARK_KINDS, REFUSALS } from '@bongsu/protocol'
import { DownFrameSchema, UpFrameSchema } from '@bongsu/protocol/schemas'
import { fillGuide, GUIDE, shownIn } from './guide.ts'
import { writeTranscripts } from './transcripts.ts'

test('[W5] the transcripts and tables of the guide are what a real server says', async (t) => {
  const written = readFileSync(join(ROOT, GUIDE), 'utf8')
  const transcripts = await writeTranscripts(t)
  assert.deepEqual([...transcripts.keys()].toSorted(), shownIn(written).toSorted(), 'every transcript is shown')
  assert.equal(written, fillGuide(written, transcripts), 'run npm run guide, and look at what has changed')
})

test('[W5] the guide names every frame, feature, kind, mark and code of the wire', () => {
  const written = readFileSync(join(ROOT, GUIDE), 'utf8')
  const names = [
    ...[...UpFrameSchema.anyOf, ...DownFrameSchema.anyOf].map(({ properties }) => properties.t.const),
    ...FEATURES,
    ...Object.keys(ENTRY_KINDS),
    ...Object.keys(MARK_KINDS),
    ...Object.keys(REFUSALS),
    ...Object.values(CLOSE_CODES).map(({ code }) => String(code)),
  ]
  assert.deepEqual(
    names.filter((name) => !written.includes(`\`${name}\``) && !written.includes(`"${name}"`) && !written.includes(`| ${name} |`)),
    [],
  )
})
