import type { ConversationId, DownFrame, DownFrameOf, Entry } from '@bongsu/protocol'
import type { Audit } from './audit.ts'
import type { DeviceReplica } from './device-replica.ts'
import type { Greeting } from './greeting.ts'
import type { HeadCheck } from './head-check.ts'
import type { History } from './history.ts'
import type { OldOrder } from './old-order.ts'
import type { OpenRooms } from './open-rooms.ts'
import { retryOf } from './outbox.ts'
import type { OwnEntries } from './own-entries.ts'
import type { PeopleLookup } from './people-lookup.ts'
import type { ReadTelling } from './read-telling.ts'
import type { Refreshes } from './refreshes.ts'
import type { Sending } from './sending.ts'
import type { Typing } from './typing.ts'
import type { Watching } from './watching.ts'

/** Passes each frame of the server to the parts of the device concerned. */
export function createReceiving(options: {
  readonly replica: Pick<DeviceReplica, 'state' | 'apply' | 'hear'>
  readonly greeting: Pick<Greeting, 'welcomed'>
  readonly oldOrder: Pick<OldOrder, 'arrived'>
  readonly ownEntries: Pick<OwnEntries, 'arrived' | 'sweep'>
  readonly openRooms: Pick<OpenRooms, 'trim'>
  readonly sending: Pick<Sending, 'accepted' | 'refused' | 'pump'>
  readonly headCheck: Pick<HeadCheck, 'caughtUp' | 'beat' | 'answered'>
  readonly refreshes: Pick<Refreshes, 'answered' | 'refused'>
  readonly reads: Pick<ReadTelling, 'again'>
  readonly watching: Pick<Watching, 'heard' | 'renewed' | 'again'>
  readonly audit: Pick<Audit, 'live' | 'answered' | 'refused'>
  readonly people: Pick<PeopleLookup, 'want'>
  readonly typing: Pick<Typing, 'saw' | 'wrote'>
  readonly history: Pick<History, 'heard'>
  /** Entries in view may have an older state here than on the server [I3]. */
  readonly renewView: () => void
  /** Gives the connection up and connects again. */
  readonly resume: () => void
}): (frame: DownFrame) => void {
  const { replica, ownEntries, sending, headCheck, refreshes, reads, watching, audit, people, typing } = options

  function arrived(conversationId: ConversationId, entries: readonly Entry[]): void {
    const { accountId } = replica.state()
    for (const { author } of entries) if (author !== accountId) typing.wrote(conversationId, author)
    ownEntries.arrived(entries)
    options.openRooms.trim(conversationId)
  }

  function refused({ id, re, code, retryAfterMs }: DownFrameOf<'refused'>): void {
    const retry = retryOf(code)
    if (retry === 'resume' || code === 'unauthenticated' || code === 'version-unsupported') return options.resume()
    if (id !== undefined) return sending.refused(id, code, retryAfterMs)
    const again = retry === 'later'
    if (re === 'refresh') refreshes.refused(again, retryAfterMs)
    else if (re === 'audit') audit.refused(again, retryAfterMs)
    else if (re === 'ask-heads') headCheck.answered()
    else if (re === 'read' && again) reads.again(retryAfterMs)
    else if (re === 'watch' && again) watching.again(retryAfterMs)
  }

  function pass(frame: DownFrame): void {
    switch (frame.t) {
      case 'welcome':
        return options.greeting.welcomed(frame)
      case 'account':
      case 'heads':
      case 'unread':
        if (frame.t === 'heads') headCheck.answered()
        replica.apply(frame)
        watching.heard(frame)
        return ownEntries.sweep() // [seam: rooms-heard]
      case 'entries':
        replica.apply(frame)
        options.oldOrder.arrived(frame.conversationId, frame.entries)
        return arrived(frame.conversationId, frame.entries)
      case 'items':
        replica.apply(frame)
        options.history.heard(frame)
        return ownEntries.sweep()
      case 'reset':
        replica.apply(frame)
        refreshes.answered(frame.conversationId)
        watching.renewed(frame.conversationId) // [seam: watch-renewed]
        options.renewView()
        options.oldOrder.arrived(frame.conversationId, frame.entries, (frame.entries[0]?.seq ?? frame.head + 1) - 1)
        return arrived(frame.conversationId, frame.entries)
      case 'caught-up':
        ownEntries.sweep() // [seam: rooms-caught-up]
        audit.live()
        options.renewView()
        return headCheck.caughtUp(frame)
      case 'beat':
        return headCheck.beat(frame)
      case 'accepted':
      case 'set-accepted':
        sending.accepted(frame.id, frame.t === 'accepted' ? frame.seq : frame.change)
        ownEntries.sweep()
        return sending.pump()
      case 'refused':
        return refused(frame)
      case 'typing':
        if (frame.accountId === replica.state().accountId || replica.state().blocked.has(frame.accountId)) return
        people.want([frame.accountId])
        return typing.saw(frame.conversationId, frame.accountId)
      case 'audit':
        return audit.answered(frame)
      case 'pong':
      case 'drain':
      case 'turn':
        // Only the session needs these.
        return
    }
  }

  return (frame) => {
    pass(frame)
    // In one commit with what the frame brought: what is stored is never without its proof [A7].
    if ('tide' in frame) replica.hear(frame) // [seam: keep-tide]
  }
}
