import type { Room } from '@bongsu/client'
import type { Item } from '@bongsu/protocol'
import { useApp, useNames, useView } from '../../app-context.ts'
import { useLanguage, useTexts } from '../../adapters/settings-store.ts'
import { wordsOf } from '../../kinds/kinds.ts'
import type { ActName } from '../../kinds/look.ts'
import { markLook, TOGGLED_MARKS } from '../../kinds/mark-looks.ts'
import { later } from '../../parts/later.tsx'
import { marksAt, myReaction, type Marks } from './marks.ts'
import { targetNow } from './target.ts'
import type { Over, RoomDeeds } from './use-room-deeds.ts'

const MessageMenu = later(async () => (await import('./message-menu/message-menu.tsx')).MessageMenu)
const Details = later(async () => (await import('./message-menu/details.tsx')).Details)
const Reactors = later(async () => (await import('./message-menu/reactors.tsx')).Reactors)
const Confirm = later(async () => (await import('../../parts/dialog.tsx')).Confirm)
const BlockPerson = later(async () => (await import('../friends/block-person.tsx')).BlockPerson)
const ReportSheet = later(async () => (await import('../reports/report-sheet.tsx')).ReportSheet)
const EmojiOver = later(async () => (await import('../../parts/emoji/emoji-over.tsx')).EmojiOver)

/** Layers over the room that belong to one message. Each part is loaded at its first use. */
export function MessageOvers({ room, roomDeeds, over }: { readonly room: Room; readonly roomDeeds: RoomDeeds; readonly over: Over }) {
  const texts = useTexts()
  const language = useLanguage()
  const { accountId: me } = useApp()
  const { replica } = useView()
  const nameOf = useNames()
  const { actsOf, act, deeds, close } = roomDeeds
  const target = targetNow(over.target, room)
  // Erased meanwhile: nothing is left to be done with it.
  if (target === null) return null
  const name = target.mine ? texts.me : (nameOf(target.author) ?? texts.unknownPerson)
  const words = wordsOf(target, { language, nameOf, room: room.meta.kind })
  const marks = marksAt(room, target.seq, me, replica.blocked)
  const acts = actsOf(target)
  switch (over.at) {
    case 'menu':
      return (
        <MessageMenu
          target={target}
          place={over.place}
          acts={acts}
          name={name}
          words={words}
          mine={myReaction(marks)}
          toggles={togglesOf(acts, marks)}
          onToggle={(kind, isSet) => {
            const change = markLook(kind).toggle?.act(isSet)
            if (change !== undefined) void act(target, change)
          }}
          reactionCount={marks.reactions.reduce((sum, { accounts }) => sum + accounts.length, 0)}
          deeds={deeds}
          onClose={close}
        />
      )
    case 'emoji':
      return (
        <EmojiOver
          place={over.place}
          onPick={(emoji) => {
            close()
            deeds.react(target, emoji)
          }}
          onClose={close}
        />
      )
    case 'reactors':
      return <Reactors room={room} target={target} first={over.emoji} onClose={close} />
    case 'details':
      return <Details room={room} target={target} name={name} words={words} onClose={close} />
    case 'block':
      return <BlockPerson accountId={target.author} name={name} onClose={close} onDone={close} />
    case 'report':
      return target.seq === null ? null : (
        <ReportSheet
          reported={{ kind: 'message', conversationId: room.conversationId, seq: target.seq, subject: target.id }}
          name={name}
          words={words}
          onClose={close}
        />
      )
    case 'erase':
      return (
        <Confirm
          title={texts.eraseAsk}
          about={texts.eraseAbout}
          action={texts.eraseNow}
          onClose={close}
          onConfirm={() => {
            close()
            void act(target, { kind: 'erased', value: {} })
          }}
        />
      )
    case 'hide':
      return (
        <Confirm
          title={texts.hideAsk}
          about={texts.hideAbout}
          action={texts.eraseNow}
          onClose={close}
          onConfirm={() => {
            close()
            void act(target, { kind: 'hidden', value: {} })
          }}
        />
      )
  }
}

/** A message that can get reactions can get these marks. */
function togglesOf(acts: readonly ActName[], { labelled }: Marks): ReadonlyMap<Item['kind'], boolean> {
  return new Map(acts.includes('react') ? TOGGLED_MARKS.map((kind) => [kind, labelled.includes(kind)]) : [])
}
