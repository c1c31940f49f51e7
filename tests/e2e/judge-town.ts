import { judge, type Holding, type Violation } from '../../apps/server/src/conformance/checker.ts'
import { holdingsInFile, holdingsInStore, holdingsOnScreen, marksInFile, screenOf } from './holdings.ts'
import type { Scribe } from './scribe.ts'
import type { Town } from './town.ts'
import { goLive, makeDevice, signInAgain, type TestDevice } from './world.ts'

export interface Verdict {
  readonly violations: readonly Violation[]
  /** What the file holds. */
  readonly file: readonly Holding[]
}

/**
 * Judges a town that has settled by everything everybody holds: each device's screen, scrolled to the beginning, and its store; a fresh device of
 * each person; the file. The town's devices are stopped by it.
 */
export async function judgeTown(
  t: { after(run: () => Promise<void>): void },
  server: { readonly url: string; readonly directory: string },
  town: Town,
  scribe: Scribe,
): Promise<Verdict> {
  const newcomers = await Promise.all(
    town.people.map(async (person): Promise<TestDevice> => {
      const signedIn = await signInAgain(server.url, person, '새 기기')
      return makeDevice(server.url, signedIn, { name: `${person.profile.handle}-new` })
    }),
  )
  await goLive(t, newcomers)
  const screens = await Promise.all([...town.devices, ...newcomers].map(holdingsOnScreen))
  const ledger = scribe.ledger()
  const stores = await Promise.all(town.devices.map(holdingsInStore))
  const inFile = marksInFile(server.directory, [...town.devices, ...newcomers])
  const marks = [...scribe.marks(), ...inFile]
  const owed = inFile.map(({ holder, conversationId }) => ({ holder: screenOf(holder), conversationId }))
  const file = holdingsInFile(server.directory)
  return { violations: judge({ ledger, holdings: [...screens.flat(), ...stores.flat(), ...file], marks, owed, rest: 'accepted' }), file }
}
