import type { AccountId, ConversationId, DeviceId } from '@bongsu/protocol'

// Names that the bench and the measured process make alike, so that nothing has to be told from one to the other.

export const ROUTED_EPOCH = '019aa000-0000-7000-8000-00000000000e'
export const ROUTED_KEY = new Uint8Array(32).fill(7)

const named = (kind: string, n: number): string => `019aa000-0000-7000-8000-${kind}${n.toString(16).padStart(11, '0')}`

export const accountOf = (n: number): AccountId => named('a', n) as AccountId
export const deviceOf = (n: number): DeviceId => named('d', n) as DeviceId
/** The conversation of the accounts 2n and 2n + 1. */
export const conversationOf = (n: number): ConversationId => named('c', n) as ConversationId
