import { useCallback, useMemo, useRef, useState } from 'react'
import type { Room } from '@bongsu/client'
import type { Act, ClientMessageId } from '@bongsu/protocol'
import { useApp, useNames, useView } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { copyText } from '../../parts/copy-text.ts'
import { toast } from '../../parts/toast.tsx'
import type { ActName } from '../../kinds/look.ts'
import { whyNot } from '../../text/why-not.ts'
import { stampLabel } from '../../text/time-labels.ts'
import { copyLines } from './copy-lines.ts'
import type { Deeds } from './deeds.ts'
import { marksAt, myReaction } from './marks.ts'
import { actsFor } from './message-acts.ts'
import { targetNow, type Place, type Target } from './target.ts'

/** The layer over the room that belongs to one message. */
export type Over =
  | { readonly at: 'menu'; readonly target: Target; readonly place: Place }
  | { readonly at: 'emoji'; readonly target: Target; readonly place: Place }
  | { readonly at: 'reactors'; readonly target: Target; readonly emoji: string }
  | { readonly at: 'details'; readonly target: Target }
  | { readonly at: 'erase'; readonly target: Target }
  | { readonly at: 'hide' | 'block' | 'report'; readonly target: Target }

/** What the composer is for. */
export type Writing = { readonly at: 'new' } | { readonly at: 'reply' | 'edit'; readonly target: Target }

const NEW: Writing = { at: 'new' }

/** Everything that can be done with the messages of one room. */
export function useRoomDeeds(room: Room) {
  const texts = useTexts()
  const language = useLanguage()
  const { device, accountId: me } = useApp()
  const { replica } = useView()
  const nameOf = useNames()
  const [over, setOver] = useState<Over | null>(null)
  const [writing, setWriting] = useState<Writing>(NEW)
  const [picked, setPicked] = useState<ReadonlyMap<string, Target> | null>(null)
  const [shownFull, setShownFull] = useState<ReadonlySet<string>>(new Set())
  const features = useMemo(() => new Set(replica.features), [replica.features])

  const actsOf = useCallback(
    (target: Target): readonly ActName[] => actsFor({ message: target, self: room.meta.kind === 'self', features, now: Date.now() }),
    [room.meta.kind, features],
  )

  /** Stores an act. use-refused-acts.ts shows a later refusal of the server, wherever the person is then. */
  async function act(target: Target, change: Act): Promise<void> {
    if (target.seq === null) return
    try {
      await device.act(room.conversationId, { seq: target.seq, id: target.id }, change)
    } catch (error) {
      toast(whyNot(texts, error))
    }
  }

  function react(target: Target, emoji: string): void {
    const mine = myReaction(marksAt(room, target.seq, me, replica.blocked))
    void act(target, { kind: 'reaction', value: mine === emoji ? null : { emoji } })
  }

  function copy(targets: readonly Target[]): void {
    const text = copyLines(
      targets.flatMap((target) => targetNow(target, room) ?? []),
      (author) => (author === me ? texts.me : (nameOf(author) ?? texts.unknownPerson)),
      (time) => stampLabel(time, language),
    )
    if (text !== '') void copyText(text).then((done) => toast(done ? texts.copied : texts.copyFailed))
  }

  function perform(name: ActName, target: Target, place: Place): void {
    setOver(null)
    switch (name) {
      case 'reply':
      case 'edit':
        setWriting({ at: name, target })
        return
      case 'react':
        setOver({ at: 'emoji', target, place })
        return
      case 'copy':
        copy([target])
        return
      case 'select':
        setPicked(new Map([[target.key, target]]))
        return
      case 'details':
      case 'erase':
      case 'hide':
      case 'block':
      case 'report':
        setOver({ at: name, target })
    }
  }

  // One object as long as the room is open. It always uses the newest functions.
  const now = useRef({ react, perform, device })
  now.current = { react, perform, device }
  const deeds = useMemo<Omit<Deeds, 'jump'>>(
    () => ({
      show(id: ClientMessageId, full: boolean) {
        setShownFull((before) => {
          const next = new Set(before)
          if (full) next.add(id)
          else next.delete(id)
          return next
        })
      },
      // When the store fails, the message stays where it was, still marked as failed.
      retry: (row) => void now.current.device.retry(row.id).catch(() => undefined),
      discard: (row) => void now.current.device.discard(row.id).catch(() => undefined),
      react: (target, emoji) => now.current.react(target, emoji),
      reactors: (target, emoji) => setOver({ at: 'reactors', target, emoji }),
      act: (name, target, place) => now.current.perform(name, target, place),
      menu: (target, place) => setOver({ at: 'menu', target, place }),
      pick(target) {
        setPicked((before) => {
          const next = new Map(before)
          if (!next.delete(target.key)) next.set(target.key, target)
          return next
        })
      },
    }),
    [],
  )

  return {
    deeds,
    actsOf,
    act,
    over,
    close: useCallback(() => setOver(null), []),
    // What was erased is not answered any more. An edit stays: its text is the person's own.
    writing: writing.at === 'reply' && targetNow(writing.target, room) === null ? NEW : writing,
    write: setWriting,
    picked,
    endPicking: useCallback(() => setPicked(null), []),
    /** Copies the selected messages, in the order of the log. */
    copyPicked: () => {
      copy([...(picked?.values() ?? [])].toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0)))
      setPicked(null)
    },
    shownFull,
  }
}

export type RoomDeeds = ReturnType<typeof useRoomDeeds>
