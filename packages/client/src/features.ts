import type { Feature, SendBody } from '@bongsu/protocol'

/** Features a server needs to accept this outbox item [W3]. */
export function featuresOf(item: { readonly body: SendBody } | { readonly act: unknown }): readonly Feature[] {
  if ('act' in item) return ['items']
  const { body } = item
  if (body.kind === 'removed' || body.kind === 'role' || body.kind === 'rights') return ['roles']
  if (body.kind !== 'text') return []
  return [...(body.replyTo === undefined ? [] : (['reply'] as const)), ...(body.mentions === undefined ? [] : (['mentions'] as const))]
}

export function knowsAll(known: readonly string[], needed: readonly Feature[]): boolean {
  return needed.every((feature) => known.includes(feature))
}
