import type { Violation } from '../../apps/server/src/conformance/checker.ts'
import { judgeOwners, ownersText } from '../checker/owners.ts'
import type { Phone } from './phone.ts'
import type { World } from './world.ts'

/** [B10] Every device says of every group who owns it as its log does, and every entry was allowed where it stands. */
export function judgeWhoOwns(world: World, phones: readonly Phone[]): readonly Violation[] {
  const wrong: Violation[] = []
  const { history, disk } = world
  for (const conversationId of disk.rooms) {
    if (disk.truth.kept.rooms.get(conversationId)?.kind !== 'group') continue
    const { found, owners } = judgeOwners(conversationId, world.entriesOf(conversationId))
    wrong.push(...found)
    for (const phone of phones) {
      const meta = phone.view().replica.rooms.get(conversationId)?.meta
      if (meta === undefined) continue
      history.judged.add('group: who owns it')
      const shown = ownersText({ host: meta.host ?? null, deputies: meta.deputies ?? [], rights: { ...meta.rights } })
      if (shown !== ownersText(owners))
        wrong.push({
          promise: 'B10',
          breach: 'view-differs',
          sentence: `${phone.name}: ${conversationId} is shown as ${shown}, its log says ${ownersText(owners)}`,
        })
    }
  }
  return wrong
}
