import type { Room } from '@bongsu/client'
import type { InvokedAct } from '../checker/acts.ts'
import type { Disk } from './disk.ts'
import { thingOf, type LostMark } from './history.ts'
import type { Phone } from './phone.ts'
import type { World } from './world.ts'

/** What each accepted mark of a conversation is, before a restore gives it up. Marks in account logs are not judged. */
export function marksBefore({ history }: World): readonly (InvokedAct & { readonly change: number })[] {
  return history.acceptedActs.flatMap(({ id, change }) => {
    const act = history.acts.get(id)
    return act === undefined || act.kind === 'hidden' || change === 0 ? [] : [{ ...act, change }]
  })
}

/** Those of the marks that the restored history does not know, of entries that it has, and who holds them. */
export function marksLost({ disk, phones }: World, before: ReturnType<typeof marksBefore>, epoch: string): readonly LostMark[] {
  return before.flatMap((act): LostMark[] => {
    if (disk.knowsAct(act.author, act.id)) return []
    // A device is told the lowest head of all restores, and takes what stands above it for lost too; of a history that is not known it is told none.
    const { restoredFrom, restoredHeads } = disk.truth.kept
    // Put back without a word: the heads of earlier restores will be among the lowest.
    const lowest =
      restoredFrom.has(epoch) || disk.undecided ? (restoredHeads.get(act.conversationId)?.head ?? (disk.undecided ? Infinity : 0)) : Infinity
    if (act.seq > lowest) return []
    if (disk.truth.entries(act.conversationId)[act.seq - 1]?.id !== act.subject) return []
    const theirs = phones.filter((phone) => phone.accountId === act.author && holdsMark(phone, act, epoch))
    return [{ act, restoredChange: disk.truth.change(act.conversationId), holders: theirs.map(({ name }) => name) }]
  })
}

/** Is it on its disk, as an item of the history that was given up? One that runs, and has left or been given another stretch since, has let go of it. */
function holdsMark(phone: Phone, { conversationId, kind, seq, author, change }: InvokedAct & { readonly change: number }, epoch: string): boolean {
  const { state, entries } = phone.disk
  const key = kind === 'reaction' ? `${seq}:${author}` : String(seq)
  const { loaded, replica } = phone.view()
  const isSeen = (room: Room | undefined): boolean =>
    room !== undefined && room.membership.joinedSeq <= seq && room.ranges.some(({ first, last }) => first <= seq && seq <= last)
  if (state?.epoch !== epoch || !isSeen(state.rooms.get(conversationId))) return false
  if (!phone.off && loaded && (replica.epoch !== epoch || !isSeen(replica.rooms.get(conversationId)))) return false
  const marks = entries.get(conversationId)?.get(seq)?.marks ?? []
  return marks.some((item) => item.kind === kind && item.key === key && item.change === change)
}

/** [A4] A mark that a device of its author still held is there again, or something newer is, or its entry was erased. */
export function judgeRestoredMarks({ disk, history, phones }: World): void {
  const there = new Set(phones.filter((phone) => !phone.revoked && !phone.metOlder).map(({ name }) => name))
  for (const [thing, lost] of Map.groupBy(history.lostMarks, ({ act }) => thingOf(act))) {
    const { act, restoredChange } = lost[0]!
    const holder = lost.flatMap(({ holders }) => holders).find((name) => there.has(name))
    if (holder === undefined || history.isGivenUp(act) || isExcused(disk, phones, act)) continue
    history.judged.add('restore: mark that a device must put back')
    const key = act.kind === 'reaction' ? `${act.seq}:${act.author}` : String(act.seq)
    const item = disk.truth.items(act.conversationId).find((one) => one.kind === act.kind && one.key === key)
    const isBack = lost.some((one) => same(one.act.value, item?.value ?? null))
    if (isBack || (item?.change ?? 0) > restoredChange || history.isDoneAnew(act)) continue
    history.broken('A4', `${holder} held ${thing} as ${JSON.stringify(act.value)} when a backup without it was restored, and has not put it back`)
  }
}

/** It is not a member any more, the entry is erased, or the person has been told why not. */
function isExcused({ truth }: Disk, phones: readonly Phone[], { conversationId, author, seq, kind }: InvokedAct): boolean {
  if (!truth.membersOf(conversationId).has(author)) return true
  if ((truth.membersOf(conversationId).get(author)?.joinedSeq ?? 0) > seq) return true
  if (kind !== 'erased' && truth.entries(conversationId)[seq - 1]?.body.kind === 'erased') return true
  const theirs = phones.filter((phone) => phone.accountId === author)
  return theirs.some((phone) => phone.view().acts.some((item) => item.progress === 'refused' && item.act.kind === kind && item.about.seq === seq))
}

function same(asked: unknown, stored: unknown): boolean {
  const [one, other] = [asked, stored].map((value) => JSON.stringify(value, (name, part: unknown) => (name === 'editedAt' ? undefined : part)))
  return one === other
}
