import type { DeviceHandle } from '@bongsu/client'
import type { Act, ClientMessageId, ConversationId, RefusalCode } from '@bongsu/protocol'

interface Acting {
  act(conversationId: ConversationId, subject: { readonly seq: number; readonly id: ClientMessageId }, act: Act): Promise<ClientMessageId>
}

/** Does something with one entry, through the outbox. @returns why the server refused; null when it did not. Rejects when it could not be stored. */
export async function actOn(
  device: DeviceHandle,
  conversationId: ConversationId,
  subject: { readonly seq: number; readonly id: ClientMessageId },
  act: Act,
): Promise<RefusalCode | null> {
  const id = await (device as unknown as Acting).act(conversationId, subject, act)
  const outcome = await device.settled(id)
  return outcome.accepted ? null : outcome.code
}
