import type { Backup } from './disk.ts'
import type { Lost } from './history.ts'
import { marksBefore, marksLost } from './restore-marks.ts'
import type { World } from './world.ts'

/**
 * All processes end, what is durable is given up for the backup, and another history begins [A4].
 * @param told false: nobody tells the servers, and they find it out [A7].
 */
export function restore(world: World, backup: Backup, told = true): void {
  const { disk, history, phones } = world
  world.gateways.forEach((_, index) => world.killGateway(index, false, true))
  const { epoch } = disk
  // What was lost before and is not there again counts anew: who holds it is found out now. It has no place.
  const durable = new Map<string, Omit<Lost, 'holders'>>([...history.lost].map(([id, one]) => [id, { ...one, seq: 0 }]))
  for (const conversationId of disk.rooms)
    for (const { id, author, seq } of disk.truth.entries(conversationId)) durable.set(id, { id, author, conversationId, seq })
  const marks = marksBefore(world)
  const texts = new Set(history.invoked().map(({ id }) => id))
  if (told) disk.restore(backup)
  else disk.putBack(backup)
  const lost = [...durable.values()].filter(({ author, id, conversationId }) => !disk.has(author, id, conversationId))
  if (lost.length > 0) world.met.add(told ? 'server: restored from a backup' : 'server: put back to an older state without a word')
  history.begunAnew(
    {
      entry: ({ id, conversationId, seq }) => disk.truth.entries(conversationId)[seq - 1]?.id === id,
      act: ({ id }) => disk.knowsAct(history.acts.get(id)!.author, id),
    },
    lost.map((one) => {
      const theirs = texts.has(one.id) ? phones.filter((phone) => phone.accountId === one.author) : []
      // A device that meets a server without tides has no proof.
      const holders = theirs.filter(
        (phone) => (told || !phone.metOlder) && !phone.hasLetGo(one, epoch) && (phone.holds(one) || phone.owes(one, epoch)),
      )
      const members = disk.truth.membersOf(one.conversationId)
      const isKnownToAll = phones.every((phone) => !members.has(phone.accountId) || phone.disk.hasEntry(one.conversationId, one.id))
      return { ...one, holders: holders.map(({ name }) => name), isKnownToAll }
    }),
    marksLost(world, marks, epoch),
  )
}

/**
 * [A4] What was lost and a device of its author still held is there again, or shown as refused, or was given up by the person. [A7] What was lost once is
 * found out once, however many processes hear the proof.
 */
export function judgeRestored(world: World, refused: ReadonlySet<string>): void {
  const { disk, history, phones } = world
  if (disk.begunAgain > 0) history.broken('A7', `${disk.begunAgain} epochs were begun by proof of what had begun one before`)
  const there = new Set(phones.filter((phone) => !phone.revoked).map(({ name }) => name))
  for (const { id, author, conversationId, holders } of history.lost.values()) {
    const holder = holders.find((name) => there.has(name))
    if (holder === undefined || refused.has(id) || history.droppedIds.has(id) || history.isErased(id)) continue
    history.judged.add('restore: text that a device must put back')
    if (disk.has(author, id, conversationId)) continue
    history.broken('A4', `${holder} held ${id} of ${conversationId}, or had to, when a backup without it was restored, and has not put it back`)
  }
}

/** [A8] Where every author's devices are there, what all of them held stands in the old order. */
export function judgeOldOrder({ disk, history, plan }: World): void {
  if (plan.isCalm !== true) return
  const texts = [...history.lost.values()].filter(({ seq, holders, isKnownToAll }) => seq > 0 && holders.length > 0 && isKnownToAll === true)
  for (const [conversationId, lost] of Map.groupBy(texts, (one) => one.conversationId)) {
    const seqOf = new Map(disk.truth.entries(conversationId).map(({ id, seq }) => [id, seq]))
    const seqs = lost.toSorted((one, other) => one.seq - other.seq).flatMap(({ id }) => seqOf.get(id) ?? [])
    if (new Set(lost.map(({ author }) => author)).size > 1) history.judged.add('restore: old order of several authors')
    if (seqs.some((seq, index) => seq < (seqs[index - 1] ?? 0)))
      history.broken('A8', `${conversationId}: what several authors have put back stands at ${seqs.join()}, in another order than before`)
  }
}

/**
 * [A4] What one device alone has put back stands in the order it had; where several hold a part, each brings its own. So does a device that had only just
 * received some of it and not stored that yet: it need not put it back, and may.
 */
export function judgeOrderRestored({ disk, history }: World): void {
  const texts = [...history.lost.values()].filter(({ seq, id, holders }) => seq > 0 && holders.length > 0 && !history.droppedIds.has(id))
  for (const [place, lost] of Map.groupBy(texts, ({ author, conversationId }) => `${author} ${conversationId}`)) {
    if (new Set(lost.flatMap(({ id, holders }) => [...holders, ...(history.senders.get(id) ?? [])])).size > 1) continue
    const seqOf = new Map(disk.truth.entries(lost[0]!.conversationId).map(({ id, seq }) => [id, seq]))
    const seqs = lost.toSorted((one, other) => one.seq - other.seq).flatMap(({ id }) => seqOf.get(id) ?? [])
    if (seqs.length > 1) history.judged.add('restore: order of what one device puts back')
    if (seqs.some((seq, index) => seq < (seqs[index - 1] ?? 0)))
      history.broken('A4', `${place}: what was put back stands at ${seqs.join()}, in another order than before`)
  }
}
