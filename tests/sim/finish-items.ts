import type { ConversationId, Entry } from '@bongsu/protocol'
import type { ActEvidence, ShownMarks } from '../checker/acts.ts'
import type { Phone } from './phone.ts'
import type { World } from './world.ts'

/** What the checker is told of marks when all is at rest. */
export function actEvidence(world: World, phones: readonly Phone[]): ActEvidence {
  const { disk, history } = world
  const refused = phones.flatMap((phone) => phone.view().acts.flatMap((item) => (item.progress === 'refused' ? [item.id] : [])))
  history.judged.add('act: refused for good', refused.length)
  const shown = phones.flatMap((phone) =>
    [...phone.view().replica.rooms.values()].map(({ conversationId, entries }) =>
      shownMarks(
        phone.name,
        conversationId,
        entries.filter(({ seq }) => !isOldOutOfView(phone, conversationId, seq)),
      ),
    ),
  )
  history.judged.add(
    'items: on a screen, compared with the store',
    shown.reduce((sum, { items }) => sum + items.length, 0),
  )
  return {
    // What was refused before a restore may have been done after it.
    ledger: { invoked: history.invokedActs(), accepted: history.acceptedActs, refused: history.wasRestored ? [] : refused },
    rooms: disk.rooms.map((conversationId) => ({
      conversationId,
      entries: world.entriesOf(conversationId),
      items: disk.truth.items(conversationId),
      change: disk.truth.change(conversationId),
    })),
    shown,
    // What was put back after a restore has the text that its author's device had then.
    written: new Map(
      history.all.flatMap(({ author, id, body }) => {
        // So has what waited meanwhile, and does not answer what is not there any more.
        const mayDiffer = history.wasLost(id) || (history.wasRestored && body.kind === 'text' && body.replyTo !== undefined)
        return mayDiffer ? [] : [[`${author} ${id}`, body]]
      }),
    ),
  }
}

/** [I3] May what the device has of this entry be old? It is asked for anew when it is shown. */
export function isOldOutOfView(phone: Phone, conversationId: ConversationId, seq: number): boolean {
  const { watching } = phone
  const isInView = watching?.conversationId === conversationId && watching.from <= seq && seq <= (watching.to ?? seq)
  const stale = phone.view().replica.rooms.get(conversationId)?.stale ?? []
  return !isInView && stale.some(({ first, last }) => first <= seq && seq <= last)
}

/** The entry as the store has it now, when it is the same. */
export function asStored(world: World, conversationId: ConversationId, entry: Entry): Entry {
  const stored = world.entriesOf(conversationId)[entry.seq - 1]
  return stored?.id === entry.id ? stored : entry
}

function shownMarks(
  holder: string,
  conversationId: ShownMarks['conversationId'],
  entries: readonly (Entry & { readonly marks?: ShownMarks['items'] })[],
): ShownMarks {
  return { holder, conversationId, entries, items: entries.flatMap(({ marks = [] }) => marks.filter(({ value }) => value !== null)) }
}

/** [C2] An act that was sent is done, or shown as refused, or was given up by the person. */
export function judgeActsKept({ disk, history, phones }: World, refused: ReadonlySet<string>): void {
  const revoked = new Set(phones.filter((phone) => phone.revoked).map((phone) => phone.name))
  if (history.wasRestored) return
  for (const { id, device, author } of history.acts.values()) {
    if (history.droppedIds.has(id) || refused.has(id) || revoked.has(device)) continue
    if (!disk.knowsAct(author, id)) history.broken('C2', `${device}: the act ${id} has vanished: neither done nor in the outbox`)
  }
}

/** [R3, D9] What an account has hidden is hidden on all its devices, and nothing else is. */
export function judgeHidden({ disk, history }: World, phones: readonly Phone[]): void {
  for (const phone of phones) {
    for (const conversationId of phone.view().replica.rooms.keys()) {
      const hidden = [...(phone.view().replica.hidden.get(conversationId) ?? [])].toSorted((one, other) => one - other).join()
      const owed = disk
        .hidden(phone.accountId, conversationId)
        .toSorted((one, other) => one - other)
        .join()
      if (hidden !== owed) history.broken('D9', `${phone.name} hides #${hidden} of ${conversationId}, and its account #${owed}`)
    }
  }
}

/** [I6] What was erased or edited away is on no device that has heard of it. */
export function judgeDevicesForget(world: World, phones: readonly Phone[]): void {
  for (const phone of phones) {
    const { name, disk } = phone
    for (const [conversationId, stored] of disk.entries) {
      const room = disk.state?.rooms.get(conversationId)
      const truth = world.entriesOf(conversationId)
      for (const { seq, body } of stored.values()) {
        const is = truth[seq - 1]?.body
        const isCounted = room?.ranges.some(({ first, last }) => first <= seq && seq <= last) === true
        if (is?.kind !== 'erased' || !isCounted || isOldOutOfView(phone, conversationId, seq)) continue
        world.history.judged.add('erased: content looked for on a device')
        if (body.kind !== 'erased') world.history.broken('I6', `${name} still stores ${conversationId}#${seq}, which was erased`)
      }
    }
  }
}
