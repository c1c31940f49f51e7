import { createElement, type ComponentType, type ReactNode } from 'react'
import type { EntryBody, Mention } from '@bongsu/protocol'
import { ErasedBody } from './erased/erased-body.tsx'
import { lookOf } from './kinds.ts'
import { TextBody } from './text/text-body.tsx'

export interface BodyProps<Body> {
  readonly body: Body
  /** A long body is shown in full. */
  readonly full: boolean
  readonly onShow: (full: boolean) => void
  /** Whether the mention is of the reader, or of everybody. */
  readonly isMe: (who: Mention['who']) => boolean
  /** The quote of the answered message, above the message's own content. */
  readonly quote: ReactNode
}

/** How the bubble of each kind is drawn. */
const BODIES: { readonly [Kind in EntryBody['kind']]?: ComponentType<BodyProps<Extract<EntryBody, { kind: Kind }>>> } = {
  text: TextBody,
  erased: ErasedBody,
}

export function bodyOf(kind: string): ComponentType<BodyProps<EntryBody>> {
  return ((Object.hasOwn(BODIES, kind) ? BODIES[kind as EntryBody['kind']] : undefined) ?? PlainBody) as ComponentType<BodyProps<EntryBody>>
}

/** A kind without a drawing of its own is drawn as the text that is copied of it. */
function PlainBody(props: BodyProps<EntryBody>) {
  return createElement(TextBody, { ...props, body: { kind: 'text', text: lookOf(props.body.kind).copied(props.body) ?? '' } })
}
