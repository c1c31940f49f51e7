import type { OpenSocket } from '@bongsu/client'
import type { ClientMessageId, ConversationId, DownFrame, RefusalCode, UpFrame } from '@bongsu/protocol'

export interface HeardAccepted {
  readonly id: ClientMessageId
  readonly conversationId: ConversationId
  readonly seq: number
  readonly acceptedAt: number
  readonly heardAt: number
}

/** What went over the wire of one device, as a test wants to know it: not what the client thinks, but what was said. */
export interface WireTap {
  /** How often each entry was sent. */
  readonly sent: ReadonlyMap<ClientMessageId, number>
  /** Every `accepted`, in the order heard; the same id may be there several times. */
  readonly accepted: readonly HeardAccepted[]
  readonly refused: readonly { readonly id: ClientMessageId | null; readonly code: RefusalCode; readonly retryAfterMs: number | null }[]
  /** Own watermarks as the server told them, in the order heard. */
  readonly marks: readonly { readonly conversationId: ConversationId; readonly seq: number }[]
  /** Close codes of the connections that ended, 1006 for those that broke. */
  readonly closed: readonly number[]
  /** When each of these ended, and when each entry came first. Epoch ms. */
  readonly closedAt: readonly number[]
  readonly receivedAt: ReadonlyMap<ClientMessageId, number>
  /** Resolves when the device sends an entry the next time. */
  nextSend(): Promise<void>
  /** Types of the down frames, with how many came. */
  readonly heard: ReadonlyMap<string, number>
}

/** Listens at a device's socket without touching what passes. */
export function tapWire(open: OpenSocket): { readonly openSocket: OpenSocket; readonly tap: WireTap } {
  const sent = new Map<ClientMessageId, number>()
  const accepted: HeardAccepted[] = []
  const refused: WireTap['refused'][number][] = []
  const marks: WireTap['marks'][number][] = []
  const closed: number[] = []
  const closedAt: number[] = []
  const receivedAt = new Map<ClientMessageId, number>()
  let sends = Promise.withResolvers<void>()
  const heard = new Map<string, number>()

  function listen(text: string): void {
    const frame = JSON.parse(text) as DownFrame
    heard.set(frame.t, (heard.get(frame.t) ?? 0) + 1)
    if (frame.t === 'accepted') {
      const { id, conversationId, seq, acceptedAt } = frame
      accepted.push({ id, conversationId, seq, acceptedAt, heardAt: Date.now() })
    }
    if (frame.t === 'entries') for (const { id } of frame.entries) if (!receivedAt.has(id)) receivedAt.set(id, Date.now())
    if (frame.t === 'account') for (const item of frame.items) if (item.kind === 'read') marks.push({ conversationId: item.key, seq: item.value.seq })
    if (frame.t === 'reset') marks.push({ conversationId: frame.conversationId, seq: frame.readSeq })
    if (frame.t === 'refused') refused.push({ id: frame.id ?? null, code: frame.code, retryAfterMs: frame.retryAfterMs ?? null })
  }

  return {
    tap: { sent, accepted, refused, marks, closed, closedAt, receivedAt, heard, nextSend: () => sends.promise },
    openSocket(events) {
      const socket = open({
        opened: () => events.opened(),
        message(text) {
          listen(text)
          events.message(text)
        },
        closed(code) {
          closed.push(code)
          closedAt.push(Date.now())
          events.closed(code)
        },
      })
      return {
        close: (code) => socket.close(code),
        send(text) {
          const frame = JSON.parse(text) as UpFrame
          if (frame.t === 'send') sent.set(frame.id, (sent.get(frame.id) ?? 0) + 1)
          socket.send(text)
          if (frame.t === 'send') {
            sends.resolve()
            sends = Promise.withResolvers()
          }
        },
      }
    },
  }
}
