import { useSyncExternalStore } from 'react'

const prefix = 'bongsu.draft.'
const listeners = new Set<() => void>()

/** Unsent texts by room. In memory first: a full disk must not lose the words of someone who is writing. */
let drafts: ReadonlyMap<string, string> = readAll()

function readAll(): Map<string, string> {
  const found = new Map<string, string>()
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index)
      if (key?.startsWith(prefix)) found.set(key.slice(prefix.length), localStorage.getItem(key) ?? '')
    }
  } catch {
    return found
  }
  return found
}

export function draftOf(conversationId: string): string {
  return drafts.get(conversationId) ?? ''
}

export function putDraft(conversationId: string, text: string): void {
  if (draftOf(conversationId) === text) return
  const next = new Map(drafts)
  try {
    if (text.trim() === '') {
      next.delete(conversationId)
      localStorage.removeItem(prefix + conversationId)
    } else {
      next.set(conversationId, text)
      localStorage.setItem(prefix + conversationId, text)
    }
  } catch {
    next.set(conversationId, text)
  }
  drafts = next
  for (const listener of listeners) listener()
}

export function forgetDrafts(): void {
  for (const conversationId of drafts.keys()) putDraft(conversationId, '')
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useDrafts(): ReadonlyMap<string, string> {
  return useSyncExternalStore(subscribe, () => drafts)
}
