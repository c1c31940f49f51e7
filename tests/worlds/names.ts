import type { AccountId, ClientMessageId, ConversationId, DeviceId } from '@bongsu/protocol'

/** The same id for the same word and number, so that a failing test reads the same each time. */
function id(kind: string, n: number): string {
  return `${kind}-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}

export const accountId = (n: number): AccountId => id('aaaaaaaa', n) as AccountId
export const deviceId = (n: number): DeviceId => id('dddddddd', n) as DeviceId
export const roomId = (n: number): ConversationId => id('cccccccc', n) as ConversationId
export const messageId = (n: number): ClientMessageId => id('eeeeeeee', n) as ClientMessageId
