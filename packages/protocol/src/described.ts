import type { TSchema } from 'typebox'

/** The schema with a description, for the published documents. The described schema may be used elsewhere with another description. */
export function described<Schema extends TSchema>(schema: Schema, description: string): Schema {
  // TypeBox keeps the kind and the optionality of a schema in properties that a spread would lose.
  const own = Object.getOwnPropertyDescriptors(schema)
  return Object.defineProperties({}, { ...own, description: { value: description, enumerable: true, configurable: true, writable: true } }) as Schema
}

/**
 * Keywords for the published documents alone. The door lets a value pass that breaks them, because a rule behind the door refuses it with a code of
 * its own (`text-too-long` instead of `frame-malformed`).
 */
export const PUBLISHED = '~published'

/** A schema as published: with the keywords of `PUBLISHED`, without anything that is not JSON. */
export function published(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(published)
  if (typeof schema !== 'object' || schema === null) return schema
  const { [PUBLISHED]: narrower = {}, ...rest } = schema as Record<string, unknown>
  return Object.fromEntries(Object.entries({ ...rest, ...(narrower as object) }).map(([keyword, value]) => [keyword, published(value)]))
}
