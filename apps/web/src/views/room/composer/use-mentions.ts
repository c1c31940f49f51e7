import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { Room } from '@bongsu/client'
import type { AccountId, Mention } from '@bongsu/protocol'
import { useApp, useNames, useView } from '../../../app-context.ts'
import { mentionedIn, putMentioned, type Chosen } from '../../../adapters/drafts.ts'
import { useTexts } from '../../../adapters/settings-store.ts'
import { useMembers } from '../use-members.ts'
import { chosenIn, mayCallEveryone, mentionQuery, placeMentions, suggest, type Candidate } from './mentions.ts'

/** With fewer matches than this, the next page of members is loaded. */
const enough = 5

interface Query {
  readonly from: number
  readonly query: string
}

/** Suggestions while an @ name is typed, and the chosen people. */
export function useMentions(room: Room, wanted: boolean, edited: { readonly text: string; readonly mentions: readonly Mention[] } | null) {
  const texts = useTexts()
  const { accountId: me } = useApp()
  const nameOf = useNames()
  const { blocked } = useView().replica
  const { conversationId, meta } = room
  const isGroup = wanted && meta.kind === 'group'
  const [query, setQuery] = useState<Query | null>(null)
  const [active, setActive] = useState(0)
  const chosen = useRef<readonly Chosen[]>([])
  const members = useMembers(conversationId, isGroup && query !== null)

  useEffect(() => {
    chosen.current = edited === null ? mentionedIn(conversationId) : chosenIn(edited.text, edited.mentions)
  }, [conversationId, edited])

  const isAsked = query !== null
  const candidates = useMemo<readonly Candidate[]>(() => {
    if (!isAsked) return []
    // The latest authors are mentioned most often.
    const people = new Set<AccountId>()
    for (const { author } of room.entries.slice(-recentEntries).toReversed()) people.add(author)
    for (const { accountId } of [...meta.people, ...members.people]) people.add(accountId)
    people.delete(me)
    for (const accountId of blocked.keys()) people.delete(accountId)
    const named = [...people].flatMap((who) => {
      const name = nameOf(who) ?? members.people.find(({ accountId }) => accountId === who)?.displayName ?? null
      return name === null ? [] : [{ who, name }]
    })
    return mayCallEveryone(meta, me) ? [...named, { who: 'everyone' as const, name: texts.everyone }] : named
  }, [isAsked, room.entries, meta, members.people, me, blocked, nameOf, texts])
  const shown = useMemo(() => (query === null ? [] : suggest(candidates, query.query)), [candidates, query])

  const { more, load } = members
  useEffect(() => {
    if (isGroup && query !== null && shown.length < enough && more) void load()
  }, [isGroup, query, shown.length, more, load])

  return {
    shown,
    active: Math.min(active, shown.length - 1),
    query,
    /** To be called after each change of the text or the caret. */
    look(text: string, caret: number): void {
      const next = isGroup ? mentionQuery(text, caret) : null
      setQuery((before) => (before?.from === next?.from && before?.query === next?.query ? before : next))
      if (next?.query !== query?.query) setActive(0)
    },
    close: () => setQuery(null),
    choose({ who, name }: Candidate): string {
      chosen.current = [...chosen.current, { who, label: name }]
      if (edited === null) putMentioned(conversationId, chosen.current)
      setQuery(null)
      return `@${name} `
    },
    placed: (text: string): readonly Mention[] => (isGroup ? placeMentions(text, chosen.current) : []),
    sent(): void {
      chosen.current = []
      if (edited === null) putMentioned(conversationId, [])
    },
    /** @returns the person to insert; null when the key was used; undefined when it was not. */
    onKeyDown(event: KeyboardEvent): Candidate | null | undefined {
      if (shown.length === 0) return undefined
      switch (event.key) {
        case 'ArrowDown':
          setActive((before) => (before + 1) % shown.length)
          return null
        case 'ArrowUp':
          setActive((before) => (before + shown.length - 1) % shown.length)
          return null
        case 'Escape':
          setQuery(null)
          return null
        case 'Enter':
        case 'Tab':
          return event.shiftKey ? undefined : shown[Math.min(active, shown.length - 1)]
        default:
          return undefined
      }
    },
  }
}

/** Number of newest entries searched for the latest authors. */
const recentEntries = 200
