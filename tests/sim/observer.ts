import type { Room, View } from '@bongsu/client'
import type { AccountId, ConversationId } from '@bongsu/protocol'
import type { Disk } from './disk.ts'
import type { History } from './history.ts'

type Waiting = readonly (View['outbox'] | View['acts'])[number][]

/** Looks at the screen of one device, in one life, after each change. */
export class Observer {
  readonly #history: History
  readonly #disk: Disk
  readonly #device: string
  readonly #name: string
  readonly #accountId: AccountId
  #rooms: ReadonlyMap<ConversationId, Room> = new Map()
  #outbox: Waiting = []
  #entries: View['outbox'] = []
  #acts: View['acts'] = []
  #account = 0
  #features = 0
  #epoch: string | null = null

  constructor(history: History, disk: Disk, device: string, life: number, accountId: AccountId) {
    this.#history = history
    this.#disk = disk
    this.#device = device
    this.#name = `${device}, life ${life}`
    this.#accountId = accountId
  }

  look(view: View): void {
    const { rooms, account, epoch } = view.replica
    if (epoch !== this.#epoch) {
      // Another history: its numbers have nothing to do with those before.
      this.#epoch = epoch
      this.#account = 0
      this.#rooms = new Map()
    }
    // From a server that has come to know items, the account log comes anew [I10].
    const isAnew = view.replica.features.length > this.#features
    this.#features = view.replica.features.length
    if (account < this.#account && !isAnew) this.#broken('D9', `the cursor of the account log fell from #${this.#account} to #${account}`)
    this.#account = account
    if (rooms !== this.#rooms) {
      for (const room of rooms.values()) if (this.#rooms.get(room.conversationId) !== room) this.#lookAt(room, this.#rooms.get(room.conversationId))
      this.#rooms = rooms
    }
    if (view.outbox !== this.#entries || view.acts !== this.#acts) {
      const waiting = [...view.outbox, ...view.acts]
      this.#lookForGone(view, waiting)
      this.#outbox = waiting
      this.#entries = view.outbox
      this.#acts = view.acts
      for (const item of waiting) {
        if (item.progress !== 'sent' || !this.#disk.counts(epoch)) continue
        const isDurable =
          'act' in item ? this.#disk.knowsAct(this.#accountId, item.id) : this.#disk.has(this.#accountId, item.id, item.conversationId)
        if (!isDurable) this.#broken('C3', `${item.id} is shown as sent and is not durable`)
      }
    }
  }

  #lookAt(room: Room, before: Room | undefined): void {
    const { conversationId, cursor, entries } = room
    // [D2] Applied once, in order: what is in memory is one stretch that ends at the cursor.
    entries.forEach((entry, index) => {
      if (entry.seq !== cursor - entries.length + 1 + index)
        this.#broken('D2', `${conversationId}#${entry.seq} stands at the wrong place below #${cursor}`)
    })
    if (before?.entries.at(-1) !== entries.at(-1)) this.#compare(room)
    if (before !== undefined && before.membership.joinedSeq === room.membership.joinedSeq && cursor < before.cursor)
      this.#broken('D2', `the cursor of ${conversationId} fell from #${before.cursor} to #${cursor}`)
    if (before !== undefined && before.membership.joinedSeq === room.membership.joinedSeq && room.change < before.change)
      this.#broken('I3', `the change cursor of ${conversationId} fell from ${before.change} to ${room.change}`)
    // What a device shows that has not heard of a restore is true of a history that is lost.
    if (before?.readSeq !== room.readSeq && this.#disk.counts(this.#epoch)) {
      const head = this.#disk.truth.entries(conversationId).length
      if (room.readSeq > head) this.#broken('R2', `the mark in ${conversationId} is #${room.readSeq}, its head #${head}`)
      if (before !== undefined) this.#history.judged.add('mark: risen, and no further than the head')
      this.#history.marks.push({ holder: `${this.#name}, epoch ${this.#epoch}`, account: this.#accountId, conversationId, seq: room.readSeq })
    }
  }

  /** [C3] What was written never vanishes: it is in the outbox until it stands in its conversation, or was given up. */
  #lookForGone({ replica: { rooms, epoch } }: View, outbox: Waiting): void {
    if (!this.#disk.counts(epoch)) return
    const there = new Set(outbox.map(({ id }) => id))
    for (const item of this.#outbox) {
      const { id, conversationId, progress, stored } = item
      const room = rooms.get(conversationId)
      if (there.has(id) || progress === 'refused' || !stored || room === undefined || this.#history.droppedIds.has(id)) continue
      if ('act' in item) {
        const { act, about } = item
        const wish = { id, device: this.#device, author: this.#accountId, conversationId, kind: act.kind, seq: about.seq, value: act.value }
        const isOver = this.#disk.knowsAct(this.#accountId, id) || this.#history.isSuperseded(wish)
        if (!isOver && !this.#history.wasRestored) this.#broken('C2', `${id} has left the outbox and was never done`)
        continue
      }
      const entry = this.#disk.truth.entries(conversationId).find((one) => one.id === id && one.author === this.#accountId)
      this.#history.judged.add('entry: left the outbox, and on the screen')
      if (entry === undefined) this.#broken('C2', `${id} has left the outbox and is in no log`)
      else if (entry.seq > room.cursor && entry.seq >= room.membership.joinedSeq)
        this.#broken('C3', `${id} has vanished from the screen: it is #${entry.seq}, and ${conversationId} is shown up to #${room.cursor}`)
    }
  }

  /** [M1] Nothing is shown that a crash could take away. */
  #compare({ conversationId, entries }: Room): void {
    if (!this.#disk.counts(this.#epoch)) return
    const log = this.#disk.truth.entries(conversationId)
    for (const { seq, id } of entries)
      if (log[seq - 1]?.id !== id) return this.#broken('M1', `${conversationId}#${seq} is shown and is not what is durable there`)
  }

  #broken(promise: string, sentence: string): void {
    this.#history.broken(promise, `${this.#name}: ${sentence}`)
  }
}
