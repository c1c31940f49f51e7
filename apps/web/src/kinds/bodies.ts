import type { ComponentType, ReactNode } from 'react'
import type { EntryBody, Mention } from '@bongsu/protocol'
import { ErasedBody } from './erased/erased-body.tsx'
import { TextBody } from './text/text-body.tsx'

export interface BodyProps<Body> {
  readonly body: Body
  /** A long body is shown whole. */
  readonly full: boolean
  readonly onShow: (full: boolean) => void
  /** Is this the reader, or everybody? */
  readonly isMe: (who: Mention['who']) => boolean
  /** What the message answers, to stand above its own content. */
  readonly quote: ReactNode
}

/** How the bubble of a kind is drawn. */
const BODIES: { readonly [Kind in EntryBody['kind']]?: ComponentType<BodyProps<Extract<EntryBody, { kind: Kind }>>> } = {
  text: TextBody,
  erased: ErasedBody,
}

export function bodyOf(kind: string): ComponentType<BodyProps<EntryBody>> | null {
  return Object.hasOwn(BODIES, kind) ? ((BODIES[kind as EntryBody['kind']] ?? null) as ComponentType<BodyProps<EntryBody>> | null) : null
}
