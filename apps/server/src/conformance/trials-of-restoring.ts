import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

const kept = 5
const lost = 12
/** Longest time until the lost texts are back, once the client is connected: it may wait for others for 40 s [A8]. */
const putBackMsMax = 60_000

interface Meanwhile {
  /** While the server is down. */
  readonly down: () => Promise<void>
  /** As soon as the client has heard of the new history. */
  readonly heard: () => Promise<void>
}

const nothing = async (): Promise<void> => undefined

/** Restores a backup from before the client's newest texts. */
async function goBack(stage: Stage, meanwhile: Meanwhile): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-backup-'))
  try {
    const backup = join(folder, 'backup.db')
    for (let index = 0; index < kept; index++) {
      await stage.write(`mine before the backup ${index}`)
      await stage.hear(`theirs before the backup ${index}`)
    }
    await stage.settle()
    await stage.server.backUp(backup)
    const theirs = new Set<string>()
    const mine: string[] = []
    for (let index = 0; index < lost; index++) {
      mine.push(`mine after the backup ${index}`)
      theirs.add(`theirs after the backup ${index}`)
      await stage.write(`mine after the backup ${index}`)
      await stage.hear(`theirs after the backup ${index}`)
    }
    await stage.settle()
    const welcomes = (): number => stage.frames('down', 'welcome').length
    let before = 0
    await stage.restartServer(async () => {
      await stage.server.restore(backup)
      await meanwhile.down()
      before = welcomes()
    })
    await stage.owes('D7', 'connect to the restored server', () => welcomes() > before)
    await meanwhile.heard()
    const putsBack = stage.claimed.has('put-back')
    stage.forget(new Set([...theirs, ...(putsBack ? [] : mine)]))
    if (putsBack) {
      const good = await stage.owes('A4', 'put back the texts that the restore has lost, in order', () => areBack(stage, mine), putBackMsMax)
      if (!good) return
    }
    await stage.write('mine after the restore')
    await stage.hear('theirs after the restore')
    await stage.settle()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each of these texts is there once, in this order. */
async function areBack(stage: Stage, texts: readonly string[]): Promise<boolean> {
  const wanted = new Set(texts)
  const there = (await stage.peer.entries(stage.room)).flatMap(({ body }) => (body.kind === 'text' && wanted.has(body.text) ? [body.text] : []))
  return JSON.stringify(there) === JSON.stringify(texts)
}

export const TRIALS_OF_RESTORING: readonly Trial[] = [
  {
    name: 'the server is restored from a backup',
    about: 'The history goes back and has another epoch.',
    promises: ['D7', 'D5', 'A4'],
    run: (stage) => goBack(stage, { down: nothing, heard: nothing }),
  },
  {
    name: 'restored, and the client is killed',
    about: 'The client is killed while the server is restored, and again as soon as it has heard of the new history.',
    needs: 'outbox',
    promises: ['D7', 'C1', 'A4'],
    async run(stage) {
      async function restart(): Promise<void> {
        await stage.client.kill()
        await stage.client.start()
      }
      await goBack(stage, { down: restart, heard: restart })
    },
  },
]
