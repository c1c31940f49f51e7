import { unreadCount, type Pending, type View } from '@bongsu/client'
import { DELIVERY_BOUNDS } from '../../apps/server/src/delivery/bounds.ts'
import { ADMISSION_BOUNDS } from '../../apps/server/src/gateway/admission.ts'
import { judgeActs } from '../checker/acts.ts'
import { judge, type Holding } from '../../apps/server/src/conformance/checker.ts'
import { judgeNumbers, judgeViews, type ShownRoom } from '../checker/views.ts'
import { LIMITS, type ClientMessageId, type ConversationId } from '@bongsu/protocol'
import type { Phone } from './phone.ts'
import { actEvidence, asStored, isOldOutOfView, judgeActsKept, judgeDevicesForget, judgeHidden } from './finish-items.ts'
import { judgeWhoOwns } from './finish-owners.ts'
import { judgeRestoredMarks } from './restore-marks.ts'
import { judgeOldOrder, judgeOrderRestored, judgeRestored } from './restore.ts'
import { calm } from './troubles.ts'
import type { World } from './world.ts'

/** Longest wait of the outbox after a refusal, twice over, and some more: after that nothing may be under way. */
const REST_MS_MAX = 1_500_000
/** After the end of all trouble every device is live in this time, besides what those in front of it in the queue take. */
const LIVE_MS_MAX = 120_000
/** What a heartbeat's news may take on its way: delays, disk, gathering. */
const WAY_MS = 3_000
/** What an entry takes to be durable and on its way to everybody. */
const LAST_WORD_MS = 400
/** The largest frame that is made here: a page of long texts. */
const FRAME_BYTES_MAX = 24_000
/** From coming to the front to being live again [C4]. */
const FRONT_MS = 5_000

/** Ends all trouble, lets everything come to rest, and holds what everybody has against the promises. */
export async function finish(world: World): Promise<void> {
  calm(world)
  // Whether anybody can come to rest or not.
  judgeLogs(world)
  if (!(await rest(world))) return
  lookForMissed(world)
  await sayLastWord(world)
  if (!(await rest(world))) return
  lookForMissed(world)
  judgeMarks(world, signedIn(world))
  for (const phone of signedIn(world)) judgeBadges(world, phone)
  await showEverything(world)
  const fresh = await freshDevices(world)
  judgeAll(world, fresh)
  await wakeOne(world)
  await leave(world)
}

function signedIn(world: World): readonly Phone[] {
  return world.phones.filter((phone) => !phone.revoked)
}

function isUnderWay({ outbox, acts, replica }: View): boolean {
  const telling = [...replica.rooms.values()].some((room) => room.readSeq > room.readSaid)
  return telling || [...outbox, ...acts].some((item) => item.progress === 'waiting' || item.progress === 'sending')
}

function isAtRest(phone: Phone): boolean {
  const view = phone.view()
  if (phone.revoked) return view.connection.state === 'signed-out'
  // A line that has died, or is stuck, and was not yet given up is trouble that is not over.
  if (view.connection.state !== 'live' || phone.lines().some((line) => line.isTroubled) || isUnderWay(view)) return false
  return acceptedAndLeft(view).length === 0
}

/** [C3] What was accepted in a room that was left: its entry never comes, and the first or second heartbeat says so. */
function acceptedAndLeft({ outbox, acts, replica }: View): readonly unknown[] {
  return [...outbox, ...acts].filter((item) => item.progress === 'sent' && !replica.rooms.has(item.conversationId))
}

/** Until every device is live and has nothing more to say, and then as long as the last change may take to reach all of them [D6]. */
async function rest(world: World): Promise<boolean> {
  const { queue, plan } = world
  const until = queue.now + REST_MS_MAX
  const liveUntil = queue.now + LIVE_MS_MAX + turnsMs(world)
  const notYetLive = new Set(signedIn(world))
  const beatMs = plan.heartbeatMs + WAY_MS
  let since = queue.now
  while (queue.now < until) {
    await queue.pass(1_000)
    for (const phone of notYetLive) if (phone.revoked || phone.view().connection.state === 'live') notYetLive.delete(phone)
    if (queue.now > liveUntil && notYetLive.size > 0) {
      for (const phone of notYetLive)
        world.history.broken('C4', `${phone.name} is ${phone.view().connection.state} long after the end of all trouble`)
      return false
    }
    if (!world.phones.every(isAtRest)) since = queue.now
    if (queue.now - Math.max(since, world.disk.changedAt) >= beatMs) return true
  }
  for (const phone of world.phones) {
    if (isAtRest(phone)) continue
    const { connection, replica } = phone.view()
    const underWay = phone.waiting().filter((item) => item.progress === 'waiting' || item.progress === 'sending')
    const items = underWay.map((item) => `${item.id} ${item.progress} ${item.tries}`).join(', ')
    const untold = [...replica.rooms.values()]
      .filter((room) => room.readSeq > room.readSaid)
      .map((room) => `${room.conversationId}: ${room.readSeq} > ${room.readSaid}`)
    const kept = acceptedAndLeft(phone.view()).length > 0
    const promise = phone.revoked ? 'W4' : items !== '' ? 'C2' : untold.length > 0 ? 'R3' : kept ? 'C3' : 'C4'
    world.history.broken(promise, `${phone.name} does not come to rest: ${connection.state}; ${items}; ${untold.join(', ')}`)
  }
  return false
}

/** [D1, D6] Somebody says one thing more, and it does not reach one of those who should see it: lost on its way, or told by no hint. */
async function sayLastWord(world: World): Promise<void> {
  const { queue, history, plan } = world
  const phones = signedIn(world)
  const author = phones[plan.seed % phones.length]!
  const rooms = [...author.view().replica.rooms.keys()]
  const conversationId = rooms[plan.seed % Math.max(1, rooms.length)]
  const reader = phones.find((phone) => phone !== author && conversationId !== undefined && phone.view().replica.rooms.has(conversationId))
  if (conversationId === undefined || reader === undefined) return
  reader.trouble.swallowed = 1
  author.send(conversationId, { kind: 'text', text: 'the last word' })
  await queue.pass(LAST_WORD_MS)
  reader.trouble.swallowed = 0
  const isMissed = (reader.view().replica.rooms.get(conversationId)?.cursor ?? 0) < world.entriesOf(conversationId).length
  if (isMissed) history.judged.add('last entry: missed, then looked for')
}

/** How long it takes at most until every device has had its turn, all on one server and none able to continue [O3]. */
function turnsMs({ plan, phones }: World): number {
  if (plan.hellosPerSecond === undefined) return 0
  return (phones.length * 1_000) / (plan.hellosPerSecond * ADMISSION_BOUNDS.freshShare)
}

/** [D1, D6] One heartbeat after the last change everybody has everything, hints or not. */
function lookForMissed(world: World): void {
  for (const phone of signedIn(world)) {
    const { replica, connection, auditFault } = phone.view()
    const outbox = phone.waiting()
    const broken = (promise: string, sentence: string): void => world.history.broken(promise, `${phone.name}: ${sentence}`)
    if (connection.state !== 'live') broken('D6', `is ${connection.state}`)
    if (auditFault !== null) broken('A3', `an audit blames ${auditFault.conversationId}, though nothing was spoilt`)
    const head = world.disk.truth.accountHead(phone.accountId)
    if (replica.account !== head) broken('D9', `has the account log up to #${replica.account} of ${head}`)
    for (const conversationId of world.disk.rooms) {
      const joined = world.disk.joinedSeq(conversationId, phone.accountId)
      const room = replica.rooms.get(conversationId)
      const last = world.entriesOf(conversationId).length
      if (joined === null && room !== undefined) broken('D9', `shows ${conversationId}, which it has left`)
      if (joined !== null && room === undefined) broken('D9', `does not know ${conversationId}, which it is in`)
      else if (joined !== null && room?.cursor !== last)
        broken(world.plan.noHintsAtEnd ? 'D1' : 'D6', `has ${conversationId} up to #${room?.cursor} of ${last}`)
      else if (joined !== null && room?.change !== world.disk.truth.change(conversationId))
        broken('I3', `has ${conversationId} up to change ${room?.change} of ${world.disk.truth.change(conversationId)}`)
    }
    for (const item of outbox) if (item.progress === 'sent') broken('C3', `${item.id} is accepted and still in the outbox`)
    // What a full disk did not take of a refusal, or of a person's giving up, is asked again by the next life.
    const shown = new Set(outbox.map(({ id }) => id))
    for (const { id } of phone.disk.outbox.values())
      if (!shown.has(id) && !world.history.droppedIds.has(id)) broken('C2', `${id} is answered and still stored in the outbox`)
  }
}

/** Every device scrolls every room up to its beginning; every second one looks at another room, every third reads. */
async function showEverything(world: World): Promise<void> {
  const phones = signedIn(world)
  phones.forEach((phone, number) => {
    const rooms = [...phone.view().replica.rooms.keys()]
    void scroll(world, phone, rooms)
    // What is old is asked for anew when it is shown.
    const old = rooms.find((one) => (phone.view().replica.rooms.get(one)?.stale.length ?? 0) > 0)
    const conversationId = old ?? rooms[(number + world.plan.seed) % Math.max(1, rooms.length)]
    if (conversationId !== undefined && (old !== undefined || number % 2 === 0 || phone.watching === null))
      phone.watch({ conversationId, from: 0, to: null })
  })
  await world.queue.pass(1_000)
  phones.forEach((phone, number) => {
    if (number % 3 === 0) for (const room of phone.view().replica.rooms.values()) phone.handle.markRead(room.conversationId, room.cursor)
  })
  // One heartbeat until the mark is told everywhere, one until the numbers are, when no hint arrives.
  await world.queue.pass(2 * (world.plan.heartbeatMs + WAY_MS))
}

async function scroll(world: World, phone: Phone, rooms: readonly ConversationId[]): Promise<void> {
  for (const conversationId of rooms) {
    // The first try may join a request that was lost while there was trouble.
    for (let tries = 2; tries > 0; tries--) {
      try {
        while ((await phone.handle.loadOlder(conversationId, 50)).more);
        break
      } catch (cause) {
        if (tries === 1) world.history.broken('D10', `${phone.name}: ${conversationId} cannot be scrolled: ${String(cause)}`)
      }
    }
  }
}

/** A device that knows nothing, for each account. */
async function freshDevices(world: World): Promise<readonly Phone[]> {
  const fresh = world.accounts.map((account) => world.addPhone(account))
  const longestMs = 60_000 + turnsMs(world)
  for (let waited = 0; waited < longestMs && !fresh.every(isAtRest); waited += 500) await world.queue.pass(500)
  // Before they scroll, which counts anew what lies below.
  for (const phone of fresh) judgeBadges(world, phone)
  for (const phone of fresh) void scroll(world, phone, [...phone.view().replica.rooms.keys()])
  await world.queue.pass(3_000)
  return fresh
}

function judgeAll(world: World, fresh: readonly Phone[]): void {
  const { history } = world
  const phones = signedIn(world)
  const violations = [
    ...judge({
      ledger: { invoked: history.invoked(), accepted: history.accepted, refused: refusedForGood(world), rewrites: history.rewrites() },
      holdings: holdingsOf(world, phones),
      marks: history.marks,
    }),
    ...judgeActs(actEvidence(world, phones)),
    ...fresh.flatMap((one) =>
      phones
        .filter((phone) => phone.accountId === one.accountId && phone !== one)
        .flatMap((phone) => judgeViews(shownBy(phone), shownBy(one), phone.name)),
    ),
    ...phones.flatMap((phone) => judgeShownNumbers(world, phone)),
  ]
  for (const { promise, sentence } of [...violations, ...judgeWhoOwns(world, [...phones, ...fresh])]) history.broken(promise, sentence)
  history.judged.add('entry: accepted, then looked for everywhere', history.accepted.length)
  history.judged.add('entry: refused for good, and in no log', refusedOf(world).length)
  history.judged.add(
    'view: compared with a fresh device',
    fresh.reduce((sum, one) => sum + one.view().replica.rooms.size, 0),
  )
  judgeLogs(world)
  judgeOutboxes(world)
  judgeHidden(world, phones)
  judgeDevicesForget(world, phones)
  judgeMarks(world, phones)
  judgeBounds(world)
}

function refusedBy(phone: Phone): ReturnType<Phone['waiting']> {
  return phone.waiting().filter((item) => item.progress === 'refused')
}

function refusedOf(world: World): ClientMessageId[] {
  return world.phones.flatMap((phone) => refusedBy(phone).map((item) => item.id))
}

/**
 * [C2] What must be in no log. What a restore lost may be refused, and another device or another restore may bring it back: a device that has the entry must
 * not show it as refused then, but one that cannot have it, signed out or not in the conversation at that place, has heard nothing else.
 */
function refusedForGood({ history, phones }: World): ClientMessageId[] {
  return phones.flatMap((phone) => {
    const { rooms } = phone.view().replica
    const isShown = ({ id, conversationId }: Pick<Pending, 'id' | 'conversationId'>): boolean =>
      rooms.get(conversationId)?.entries.some((entry) => entry.id === id) === true
    return refusedBy(phone).flatMap((item) => (!history.wasLost(item.id) || isShown(item) ? [item.id] : []))
  })
}

function holdingsOf(world: World, phones: readonly Phone[]): readonly Holding[] {
  const stored = world.disk.rooms.map((conversationId) => ({
    holder: 'the store',
    conversationId,
    from: 1,
    entries: world.entriesOf(conversationId),
  }))
  const shown = phones.flatMap((phone) =>
    [...phone.view().replica.rooms.values()].map(({ conversationId, membership, entries }) => ({
      holder: phone.name,
      conversationId,
      from: membership.joinedSeq,
      entries: entries.map((entry) => (isOldOutOfView(phone, conversationId, entry.seq) ? asStored(world, conversationId, entry) : entry)),
    })),
  )
  return [...stored, ...shown]
}

function shownBy(phone: Phone): readonly ShownRoom[] {
  return [...phone.view().replica.rooms.values()].map((room) => ({
    conversationId: room.conversationId,
    kind: room.meta.kind,
    title: room.meta.title,
    memberCount: room.meta.memberCount,
    people: room.meta.people.map((person) => person.accountId),
    joinedSeq: room.membership.joinedSeq,
    readSeq: room.readSeq,
    badge: unreadCount(room, phone.view().replica),
  }))
}

/** [R4] The numbers of the entries it has in view. */
function judgeShownNumbers(world: World, phone: Phone): ReturnType<typeof judgeNumbers> {
  const { name, watching } = phone
  const room = watching === null ? undefined : phone.view().replica.rooms.get(watching.conversationId)
  // A room it has left, or a fresh device that has not begun to watch.
  if (watching === null || room === undefined) return []
  const { conversationId } = room
  const members = [...world.disk.truth.membersOf(conversationId)].map(([account, { joinedSeq }]) => ({
    account,
    joinedSeq,
    watermark: world.disk.watermark(conversationId, account),
  }))
  const to = Math.min(watching.to ?? room.cursor, room.cursor)
  const from = Math.max(1, room.membership.joinedSeq, watching.from, to - LIMITS.watchEntriesMax + 1)
  for (let seq = from; seq <= to; seq++) if ((room.unread.get(seq) ?? 0) > 0) world.history.judged.add('number: above 0')
  return judgeNumbers({ holder: name, conversationId, entries: world.entriesOf(conversationId).slice(from - 1, to), members, shown: room.unread })
}

/** [M3] Each log is 1, 2, 3, …, and begins with its creation. */
function judgeLogs(world: World): void {
  for (const conversationId of world.disk.rooms) {
    const entries = world.entriesOf(conversationId)
    const wrong = entries.findIndex(({ seq, body }, index) => seq !== index + 1 || (body.kind === 'created') !== (index === 0))
    if (wrong !== -1) world.history.broken('M3', `${conversationId} has #${entries[wrong]?.seq} (${entries[wrong]?.body.kind}) at place ${wrong + 1}`)
  }
}

/** [C2] What was written down is in the log, or shown as refused, or was given up by the person. */
function judgeOutboxes(world: World): void {
  const { history } = world
  const shown = new Set(refusedOf(world))
  const revoked = new Set(world.phones.filter((phone) => phone.revoked).map((phone) => phone.name))
  const diskOf = new Map(world.phones.map((phone) => [phone.name, phone.disk]))
  for (const { id, device, author, conversationId } of history.all) {
    // Written down, whether the app had time to hear of it or not.
    if (!history.storedIds.has(id) && diskOf.get(device)?.everStored.has(id) !== true) continue
    if (history.droppedIds.has(id) || history.lost.has(id) || shown.has(id) || revoked.has(device)) continue
    if (!world.disk.has(author, id, conversationId)) history.broken('C2', `${device}: ${id} has vanished: neither in the log nor in the outbox`)
  }
  judgeActsKept(world, shown)
  judgeRestored(world, shown)
  judgeRestoredMarks(world)
  judgeOrderRestored(world)
  judgeOldOrder(world)
}

/** [R4, D7] The badge of each room counts the texts of others above the own watermark, those below what is in memory too. */
function judgeBadges(world: World, phone: Phone): void {
  for (const room of phone.view().replica.rooms.values()) {
    const { conversationId } = room
    const from = Math.max(world.disk.watermark(conversationId, phone.accountId) + 1, world.disk.joinedSeq(conversationId, phone.accountId) ?? 1)
    const unread = world
      .entriesOf(conversationId)
      .filter(({ seq, author, body }) => seq >= from && author !== phone.accountId && (body.kind === 'text' || body.kind === 'erased'))
    const shown = unreadCount(room, phone.view().replica)
    if (unread.length > 0) world.history.judged.add('badge: above 0')
    if (shown !== unread.length)
      world.history.broken(
        'R4',
        `${phone.name}: the badge of ${conversationId} says ${shown}, ${unread.length} texts of others are unread; in memory from #${room.entries[0]?.seq}`,
      )
  }
}

/** [R3] All devices of an account, and the store, say the same. */
function judgeMarks(world: World, phones: readonly Phone[]): void {
  for (const phone of phones) {
    for (const room of phone.view().replica.rooms.values()) {
      const stored = world.disk.watermark(room.conversationId, phone.accountId)
      if (room.readSeq !== stored)
        world.history.broken('R3', `${phone.name}: its mark in ${room.conversationId} is #${room.readSeq}, the store's #${stored}`)
    }
  }
}

/** [O1] */
function judgeBounds(world: World): void {
  for (const line of world.lines()) world.bufferedMax = Math.max(world.bufferedMax, line.bufferedMax)
  // The bound is looked at before a frame is added: a frame may stand above it.
  const bytesMax = DELIVERY_BOUNDS.bufferedBytesHard + FRAME_BYTES_MAX
  if (world.bufferedMax > bytesMax) world.history.broken('O1', `${world.bufferedMax} bytes waited for one device, at most ${bytesMax} may`)
}

/** [C4] An app that comes to the front with a dead connection is live again in five seconds. */
async function wakeOne(world: World): Promise<void> {
  // One without a single room has nothing to continue, and waits for its turn among the new [O3].
  const phones = signedIn(world).filter((phone) => phone.view().replica.rooms.size > 0)
  const phone = phones[world.plan.seed % phones.length]
  if (phone === undefined) return
  phone.sleep(false)
  await world.queue.pass(world.plan.seed % 2 === 0 ? 5_000 : 60_000)
  phone.wake()
  await world.queue.pass(FRONT_MS)
  const { connection } = phone.view()
  // Live is what carries something, not what is taken for it.
  const carries = phone.lines().some((line) => !line.isTroubled)
  world.history.judged.add('front: live again in time')
  if (connection.state !== 'live' || !carries)
    world.history.broken('C4', `${phone.name} is ${connection.state}${carries ? '' : ' on a dead line'} five seconds after coming to the front`)
}

/** [O1] When everybody has gone, nothing of them is left in a server. */
async function leave(world: World): Promise<void> {
  for (const phone of world.phones) phone.kill(false)
  await world.queue.pass(4 * world.plan.heartbeatMs)
  for (const { hub, connections, host } of world.gateways) {
    const { rooms, accounts } = hub.stats()
    if (rooms + accounts + connections.size > 0)
      world.history.broken(
        'O1',
        `${host.name} still holds ${rooms} rooms, ${accounts} accounts and ${connections.size} connections of devices that have gone`,
      )
  }
}
