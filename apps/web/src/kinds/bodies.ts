import { createElement, type ComponentType } from 'react'
import type { EntryBody } from '@bongsu/protocol'
import type { BodyProps } from './body-props.ts'
import { ErasedBody } from './erased/erased-body.tsx'
import { lookOf } from './kinds.ts'
import { TextBody } from './text/text-body.tsx'

/** How the bubble of each kind is drawn. */
const BODIES: { readonly [Kind in EntryBody['kind']]?: ComponentType<BodyProps<Extract<EntryBody, { kind: Kind }>>> } = {
  text: TextBody,
  erased: ErasedBody,
}

export function bodyOf(kind: string): ComponentType<BodyProps<EntryBody>> {
  return ((Object.hasOwn(BODIES, kind) ? BODIES[kind as EntryBody['kind']] : undefined) ?? PlainBody) as ComponentType<BodyProps<EntryBody>>
}

/** A kind without its own drawing is drawn as its copied text. */
function PlainBody(props: BodyProps<EntryBody>) {
  return createElement(TextBody, { ...props, body: { kind: 'text', text: lookOf(props.body.kind).copied(props.body) ?? '' } })
}
