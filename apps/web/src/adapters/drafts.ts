import { useSyncExternalStore } from 'react'
import type { Mention } from '@bongsu/protocol'

const prefix = 'bongsu.draft.'
const mentionsPrefix = 'bongsu.mentions.'
const listeners = new Set<() => void>()

/** A person chosen from the list of mentions, and the name that was inserted. */
export interface Chosen {
  readonly who: Mention['who']
  readonly label: string
}

/** Unsent texts by room. In memory first: a full disk must not lose the words of someone who is writing. */
let drafts: ReadonlyMap<string, string> = readAll()
/** Rooms whose draft the browser could not store. */
const unstored = new Set<string>()
/** The people chosen in each unsent text. */
let mentioned: ReadonlyMap<string, readonly Chosen[]> = readMentions()

function readKeys(start: string): Map<string, string> {
  const found = new Map<string, string>()
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index)
      if (key?.startsWith(start)) found.set(key.slice(start.length), localStorage.getItem(key) ?? '')
    }
  } catch {
    return found
  }
  return found
}

function readAll(): Map<string, string> {
  return readKeys(prefix)
}

function readMentions(): Map<string, readonly Chosen[]> {
  return new Map([...readKeys(mentionsPrefix)].map(([room, written]) => [room, chosenIn(written)]))
}

function chosenIn(written: string): readonly Chosen[] {
  try {
    const stored: unknown = JSON.parse(written)
    return Array.isArray(stored) ? stored.filter(isChosen) : []
  } catch {
    return []
  }
}

function isChosen(value: unknown): value is Chosen {
  return (
    typeof value === 'object' &&
    value !== null &&
    'who' in value &&
    'label' in value &&
    typeof value.who === 'string' &&
    typeof value.label === 'string'
  )
}

/** @returns whether the browser has stored it. */
function store(key: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}

export function draftOf(conversationId: string): string {
  return drafts.get(conversationId) ?? ''
}

export function putDraft(conversationId: string, text: string): void {
  if (draftOf(conversationId) === text) return
  const isEmpty = text.trim() === ''
  const isStored = store(prefix + conversationId, isEmpty ? null : text)
  if (isStored) unstored.delete(conversationId)
  else unstored.add(conversationId)
  const next = new Map(drafts)
  if (isEmpty && isStored) next.delete(conversationId)
  else next.set(conversationId, text)
  drafts = next
  for (const listener of listeners) listener()
}

/** A text that could not be sent comes back in front of what was written since. */
export function returnToDraft(conversationId: string, text: string): void {
  const since = draftOf(conversationId)
  // It may come back once more, when the device could not forget it.
  if (since === text || since.startsWith(`${text}\n`)) return
  putDraft(conversationId, since === '' ? text : `${text}\n${since}`)
}

export function mentionedIn(conversationId: string): readonly Chosen[] {
  return mentioned.get(conversationId) ?? []
}

export function putMentioned(conversationId: string, chosen: readonly Chosen[]): void {
  mentioned = new Map(mentioned).set(conversationId, chosen)
  store(mentionsPrefix + conversationId, chosen.length === 0 ? null : JSON.stringify(chosen))
}

/** Another window may have written, sent or deleted a draft. To be called when this window becomes the connected one. */
export function readDraftsAnew(): void {
  const next = readAll()
  for (const room of unstored) next.set(room, draftOf(room))
  drafts = next
  mentioned = readMentions()
  for (const listener of listeners) listener()
}

// The event comes from other windows only.
addEventListener('storage', ({ key }) => {
  if (key === null || key.startsWith(prefix) || key.startsWith(mentionsPrefix)) readDraftsAnew()
})

/** All unsent texts by room. */
export function allDrafts(): ReadonlyMap<string, string> {
  return drafts
}

export function forgetDrafts(): void {
  for (const conversationId of drafts.keys()) putDraft(conversationId, '')
  for (const conversationId of mentioned.keys()) putMentioned(conversationId, [])
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useDrafts(): ReadonlyMap<string, string> {
  return useSyncExternalStore(subscribe, () => drafts)
}
