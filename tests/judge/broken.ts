import { parseArgs } from 'node:util'
import { assertAllReplaced, replaceAtSeams } from '../seams/replace-at-seams.ts'
import { BREAKAGES } from './breakages.ts'

// Plays scenes, with a breakage made before the judge is loaded, and prints what was said wrong: one JSON line each.

const { values, positionals } = parseArgs({ options: { breakage: { type: 'string' } }, allowPositionals: true })
const breakage = BREAKAGES.find(({ name }) => name === values.breakage)
if (values.breakage !== undefined && breakage === undefined) throw new Error(`there is no breakage called ${values.breakage}`)
replaceAtSeams(breakage === undefined ? [] : [breakage.change])
const { play } = await import('./play.ts')
const { scoreOf, tell, unfounded } = await import('./score.ts')
const { SCENES } = await import('./scenes.ts')
assertAllReplaced()
const wanted: readonly string[] = positionals.length > 0 ? positionals : (breakage?.scenes ?? Object.keys(SCENES))
for (const [name, world] of Object.entries(SCENES)) {
  if (!wanted.includes(name)) continue
  const played = await play(world)
  const faults = [...scoreOf(played).flatMap(tell), ...unfounded(played)]
  process.stdout.write(`${JSON.stringify({ name, faults })}\n`)
}
