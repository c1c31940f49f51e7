import type { MarkedEntry, Room } from '@bongsu/client'
import type { AccountId, SendBody } from '@bongsu/protocol'
import type { HttpRequest } from './http.ts'
import type { Phone } from './phone.ts'
import type { ACT_KINDS, Happening } from './plan.ts'
import type { World } from './world.ts'

type Act = (world: World, phone: Phone, happening: Happening) => void

const READERS = 8
const TALKERS = 3
const LONG = '나는 오늘도 천천히 걷는다. '.repeat(100)

function pick<T>(all: readonly T[], x: number): T | undefined {
  return all[Math.floor(x * all.length)]
}

function roomOf(phone: Phone, x: number): Room | undefined {
  return pick([...phone.view().replica.rooms.values()], x)
}

/** More than one entry may have at small bounds, so that some are refused. */
const EMOJI = ['👍', '❤️', '😆', '😮', '😢']
/** Devices of one account that act at the same time do so within this. */
const AT_ONCE_MS = 40

/** An entry on the screen, the newest ones most often. */
function entryOf(room: Room, y: number, is: (entry: MarkedEntry) => boolean): MarkedEntry | undefined {
  const all = room.entries.filter(is)
  return all[all.length - 1 - Math.floor(y * y * all.length)]
}

function isText({ body }: MarkedEntry): boolean {
  return body.kind === 'text'
}

/** An own text is edited, now and then on two devices of one account at once. */
function edit(world: World, phone: Phone, { x, y, at, who }: Happening): void {
  const room = roomOf(phone, x)
  const entry = room && entryOf(room, y, (one) => isText(one) && one.author === phone.accountId)
  if (room === undefined || entry === undefined) return
  const { conversationId } = room
  phone.act(conversationId, entry, { kind: 'edit', value: { text: `${at} ${who} edited` } })
  const other = world.phones.find((one) => one !== phone && one.accountId === phone.accountId)
  if (other === undefined || at % 3 > 0) return
  world.queue.add(Math.floor(y * AT_ONCE_MS), () => {
    if (other.off || other.host.frozen || !other.view().replica.rooms.has(conversationId)) return
    other.act(conversationId, entry, { kind: 'edit', value: { text: `${at} ${who} edited elsewhere` } })
  })
}

function say(phone: Phone, happening: Happening, part: number | null): void {
  const room = roomOf(phone, happening.x)
  if (room === undefined) return
  const text = `${happening.at} ${happening.who} ${part ?? ''}`
  phone.send(room.conversationId, { kind: 'text', text: happening.y > (part === null ? 0.9 : 0.75) ? `${text} ${LONG}` : text })
}

function others(world: World, happening: Happening, count: number): AccountId[] {
  const from = Math.floor(happening.y * world.accounts.length)
  return Array.from({ length: Math.min(count, world.accounts.length) }, (_, index) => world.accounts[(from + index) % world.accounts.length]!)
}

/** An answer that did not come is asked for again, once, with the same id. */
async function ask(phone: Phone, request: HttpRequest): Promise<void> {
  const answer = await phone.call(request)
  if (!answer.ok && answer.refusal.code === 'unavailable') await phone.call(request)
}

/** A new title or, in turn, what only a host or deputy may do; most who try it may not. */
function deedIn(world: World, { meta }: Room, { at, x, y }: Happening): SendBody {
  const someone = pick(world.accounts, y)!
  const accountId = at % 2 === 0 ? someone : (meta.deputies?.[0] ?? someone)
  switch (at % 7) {
    case 0:
    case 1:
      return { kind: 'removed', accountId, barred: at % 3 === 0 }
    case 2:
    case 3:
      return { kind: 'role', accountId, role: pick(['deputy', 'deputy', 'host', 'member'] as const, (x * 1_000) % 1)! }
    case 4:
      return { kind: 'rights', rights: { [pick(['invite', 'rename', 'remove', 'post'] as const, y)!]: at % 3 === 0 ? 'host' : 'deputy' } }
    default:
      return { kind: 'renamed', title: at % 5 === 0 ? '' : `이름 ${at}` }
  }
}

export const ACTS: { readonly [Kind in keyof typeof ACT_KINDS]: Act } = {
  say: (_, phone, happening) => say(phone, happening, null),
  'say several': (_, phone, happening) => {
    for (let part = 0; part < 2 + Math.floor(happening.y * 5); part++) say(phone, happening, part)
  },
  reply: (_, phone, { x, y, at, who }) => {
    const room = roomOf(phone, x)
    const entry = room && entryOf(room, y, isText)
    if (room === undefined || entry === undefined) return
    const text = `${at} ${who} answers`
    const mentions = [{ who: entry.author, at: 0, length: 2 }] as const
    phone.send(room.conversationId, { kind: 'text', text, replyTo: entry.seq, ...(at % 2 === 0 ? { mentions } : {}) })
  },
  react: (_, phone, { x, y, at }) => {
    const room = roomOf(phone, x)
    const entry = room && entryOf(room, y, isText)
    if (room === undefined || entry === undefined) return
    phone.act(room.conversationId, entry, { kind: 'reaction', value: { emoji: EMOJI[at % EMOJI.length]! } })
    // A second tap at once, before the first is answered: of the two the second counts.
    if (at % 4 === 0) phone.act(room.conversationId, entry, { kind: 'reaction', value: at % 8 === 0 ? null : { emoji: EMOJI[0]! } })
  },
  'take back': (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    const own = `:${phone.accountId}`
    const isMarked = ({ marks = [] }: MarkedEntry): boolean => marks.some(({ key, value }) => key.endsWith(own) && value !== null)
    const entry = room && (entryOf(room, y, isMarked) ?? entryOf(room, y, isText))
    if (room !== undefined && entry !== undefined) phone.act(room.conversationId, entry, { kind: 'reaction', value: null })
  },
  edit,
  erase: (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    const entry = room && entryOf(room, y, (one) => isText(one) && one.author === phone.accountId)
    if (room !== undefined && entry !== undefined) phone.act(room.conversationId, entry, { kind: 'erased', value: {} })
  },
  hide: (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    const entry = room && entryOf(room, y, () => true)
    if (room !== undefined && entry !== undefined) phone.act(room.conversationId, entry, { kind: 'hidden', value: {} })
  },
  'read to the end': (_, phone, { x }) => {
    const room = roomOf(phone, x)
    if (room !== undefined) phone.handle.markRead(room.conversationId, room.cursor)
  },
  'read a little': (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    if (room !== undefined) phone.handle.markRead(room.conversationId, Math.ceil(room.cursor * (y + 0.2)))
  },
  write: (_, phone, { x }) => {
    const room = roomOf(phone, x)
    if (room !== undefined) phone.handle.typing(room.conversationId)
  },
  open: (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    if (room !== undefined)
      phone.watch({
        conversationId: room.conversationId,
        from: y < 0.3 ? Math.floor(room.cursor / 2) : 0,
        to: y > 0.8 ? Math.max(1, room.cursor - 1) : null,
      })
  },
  'scroll up': (_, phone, { x, y }) => {
    const room = roomOf(phone, x)
    if (room !== undefined) phone.handle.loadOlder(room.conversationId, 1 + Math.floor(y * 12)).catch(() => undefined)
  },
  close: (_, phone, { x }) => {
    const room = roomOf(phone, x)
    phone.watch(null)
    if (room !== undefined) phone.handle.closeRoom(room.conversationId)
  },
  invite: (world, phone, happening) => {
    const room = roomOf(phone, happening.x)
    if (room !== undefined) phone.send(room.conversationId, { kind: 'invited', accounts: others(world, happening, 2) })
  },
  // The others talk on, and another program of theirs asks for the newest page, all at the same time: it may show nothing of what comes after the
  // leaving [W4].
  leave: (world, phone, { x, y, at, who }) => {
    const room = roomOf(phone, x)
    if (room === undefined) return
    const { conversationId } = room
    phone.send(conversationId, { kind: 'left' })
    const read: HttpRequest = { name: 'readHistory', params: { conversationId }, query: { limit: 10 } }
    for (let part = 1; part <= READERS; part++) world.queue.add(part % 2 === 0 ? part * 10 : y * part * 400, () => void phone.call(read))
    for (let part = 1; part <= TALKERS; part++) {
      const other = world.phones[(who + part) % world.phones.length]!
      world.queue.add(part * 10, () => {
        if (other.accountId === phone.accountId || other.off || other.host.frozen || !other.view().replica.rooms.has(conversationId)) return
        other.send(conversationId, { kind: 'text', text: `${at} ${who} goes on ${part}` })
      })
    }
  },
  rename: (world, phone, happening) => {
    const room = roomOf(phone, happening.x)
    if (room !== undefined) phone.send(room.conversationId, deedIn(world, room, happening))
  },
  'make group': (world, phone, happening) => {
    const accounts = others(world, happening, 3).filter((one) => one !== phone.accountId)
    void ask(phone, { name: 'createGroup', body: { id: world.messageIdFor(), title: happening.x > 0.5 ? `모임 ${happening.at}` : '', accounts } })
  },
  'open direct': (world, phone, happening) => {
    void ask(phone, { name: 'openDirect', params: { accountId: others(world, happening, 1)[0]! } })
  },
  retry: (_, phone, { x }) => {
    const item = pick(
      phone.waiting().filter(({ progress }) => progress === 'refused'),
      x,
    )
    if (item !== undefined) phone.retry(item.id)
  },
  discard: (_, phone, { x }) => {
    const item = pick(phone.waiting(), x)
    if (item !== undefined) phone.discard(item.id)
  },
  'come to front': (_, phone) => phone.wake(),
  'new device': (world, phone) => {
    if (world.phones.length >= 3 * world.accounts.length) return
    world.met.add('device: new')
    world.addPhone(phone.accountId)
  },
  'revoke device': (world, phone) => {
    // Somebody stays signed in for every account, so that its view can be judged.
    const kept = world.phones.filter((one) => one.accountId === phone.accountId && !one.revoked && one !== phone)
    if (phone.revoked || kept.length === 0) return
    world.met.add('device: revoked')
    world.revoke(phone.accountId, phone.deviceId)
  },
}
