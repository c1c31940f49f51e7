import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { LIMITS } from '@bongsu/protocol'
import { isLoading } from './line-protocol.ts'
import { heartbeatMs } from './own-server.ts'
import type { Frame } from './middleman.ts'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

async function hearMany(stage: Stage, count: number, topic: string): Promise<void> {
  for (let index = 0; index < count; index++) await stage.hear(`${topic} ${index}`)
}

/** Loses the next frames with entries. */
function loseEntries(stage: Stage, count: number): void {
  let lost = 0
  stage.line.meddle({ down: (frame) => (frame.t === 'entries' && lost++ < count ? [] : [frame]) })
}

/** Writes and hears through a new connection. Whatever goes wrong with a server of another version goes wrong because of the version. */
async function talkWith(stage: Stage, server: string): Promise<void> {
  stage.wire.cut()
  await stage.write(`to ${server}`)
  await hearMany(stage, 5, `from ${server}`)
  await stage.settle()
  stage.check('W3', stage.faults.length === 0, 'the client does not get on with a server of another version')
}

/** The frame, and the frame again with some entries before it, as after a resume that overlaps. */
function overlapping(frame: Frame, before: Map<string, readonly object[]>): readonly Frame[] {
  const room = String(frame['conversationId'])
  const entries = frame['entries'] as readonly object[]
  const earlier = before.get(room) ?? []
  before.set(room, [...earlier, ...entries].slice(-5))
  return [frame, { ...frame, after: (frame['after'] as number) - earlier.length, entries: [...earlier, ...entries] }]
}

export const TRIALS_OF_RECEIVING: readonly Trial[] = [
  {
    name: 'a frame is lost in between',
    about: 'One frame with entries does not arrive, and the next ones do.',
    promises: ['D4', 'D2'],
    async run(stage) {
      await stage.hear('before')
      await stage.settle()
      loseEntries(stage, 1)
      await hearMany(stage, 5, 'around a gap')
      await stage.settle()
    },
  },
  {
    name: 'the last frame is lost',
    about: 'The newest entry does not arrive, and nothing follows it.',
    promises: ['D6'],
    async run(stage) {
      await stage.settle()
      loseEntries(stage, 1)
      await stage.hear('the last one')
      await stage.owes(
        'D6',
        'find the newest entry by a heartbeat',
        async () => (await stage.entries()).at(-1)?.text === 'the last one',
        8 * heartbeatMs,
      )
      await stage.settle()
    },
  },
  {
    name: 'everything twice',
    about: 'Each frame comes twice, and entries overlap.',
    promises: ['D2', 'M2'],
    async run(stage) {
      const before = new Map<string, readonly object[]>()
      stage.line.meddle({
        down(frame) {
          if (frame.t === 'entries') return [...overlapping(frame, before), frame]
          return ['accepted', 'account', 'reset', 'items'].includes(frame.t) ? [frame, frame] : [frame]
        },
      })
      await hearMany(stage, 5, 'twice')
      await stage.write('mine, twice')
      await hearMany(stage, 5, 'twice again')
      await stage.settle()
    },
  },
  {
    name: 'cut in the middle of a resume',
    about: 'Hundreds of entries were missed, and the connection breaks after the first page.',
    promises: ['D2', 'D4', 'D7'],
    async run(stage) {
      await stage.hear('before')
      await stage.settle()
      await stage.unplug()
      await hearMany(stage, 450, 'missed')
      let cuts = 0
      stage.line.meddle({
        down(frame, passage) {
          if (frame.t === 'entries' && cuts++ === 0) setTimeout(() => passage.cut(), 5)
          return [frame]
        },
      })
      await stage.plug()
      await stage.settle()
    },
  },
  {
    name: 'away for too long',
    about: 'More was missed than a resume brings, so that the conversation comes anew, with a gap.',
    promises: ['D4', 'D7', 'D5'],
    async run(stage) {
      await hearMany(stage, 5, 'before')
      await stage.settle()
      await stage.unplug()
      await hearMany(stage, LIMITS.backfillEntriesMax + 1, 'missed')
      await stage.plug()
      await stage.owes('D7', 'show the newest entry', async () => (await stage.entries()).at(-1)?.text === `missed ${LIMITS.backfillEntriesMax}`)
      await stage.write('after the gap')
      await stage.settle()
    },
  },
  {
    name: 'a reset out of the blue',
    about: 'A conversation is sent anew though nothing is missing, and an old reset comes late.',
    promises: ['D7', 'D4', 'D2'],
    async run(stage) {
      await hearMany(stage, 30, 'first')
      const resets: Frame[] = []
      let passage: { tell(frame: Frame): void } | null = null
      stage.line.meddle({
        down(frame, through) {
          passage = through
          if (frame.t === 'reset' && frame['conversationId'] === stage.room) resets.push(frame)
          return [frame]
        },
        // The next connection is that of a device without cursors, so that the server sends resets.
        up: (frame) => (frame.t === 'hello' ? [{ ...frame, cursors: [], changes: [] }] : [frame]),
      })
      await stage.unplug()
      await stage.plug()
      await stage.owes('D7', 'connect again', () => resets.length > 0)
      await hearMany(stage, 30, 'second')
      await stage.owes('D2', 'show the newest entry', async () => (await stage.entries()).at(-1)?.text === 'second 29')
      const old = resets[0]
      const told = passage as { tell(frame: Frame): void } | null
      if (old !== undefined) told?.tell(old)
      await pause(300)
      const { items } = await stage.look()
      const last = items.at(-1)
      stage.check('D7', last !== undefined && !isLoading(last) && last.text === 'second 29', 'a late reset took newer entries off the screen')
      await hearMany(stage, 3, 'third')
      await stage.settle()
    },
  },
  {
    name: 'pieces and half frames',
    about: 'Bytes come slowly and in small pieces, and the line breaks in the middle of a frame.',
    promises: ['D2', 'M2', 'C2'],
    async run(stage) {
      await stage.settle()
      const slow = { delayMs: 20, jitterMs: 20, bytesPerSecond: 15_000, pieceBytesMax: 700 }
      for (const way of ['down', 'up']) {
        for (const line of stage.wire.lines) line.fault(slow)
        const text = `${way} ${'가나다'.repeat(3_000)}`
        if (way === 'down') await stage.hear(text)
        else await stage.write(text)
        await pause(700)
        stage.wire.cut()
        await stage.settle()
      }
      stage.wire.faultNew(() => ({ delayMs: 0, jitterMs: 2, bytesPerSecond: Number.POSITIVE_INFINITY, pieceBytesMax: 50 }))
      stage.wire.cut()
      await hearMany(stage, 10, 'in small pieces')
      await stage.write('mine in small pieces')
      await stage.settle()
    },
  },
  {
    name: 'a server that is newer',
    about: 'Frames, fields, items, features and refusals that this client cannot know.',
    promises: ['W3', 'C2'],
    async run(stage) {
      const lantern = { t: 'lantern', lit: true }
      let isRefused = false
      stage.line.meddle({
        up(frame, passage) {
          if (frame.t !== 'send' || isRefused) return [frame]
          isRefused = true
          passage.tell({ t: 'refused', id: frame['id'], re: 'send', code: 'moon-too-bright', retryAfterMs: 500 })
          return []
        },
        down(frame) {
          const more: Record<string, unknown> = { ...frame, lantern: { lit: [1, 2, 3] } }
          if (frame.t === 'welcome') more['features'] = [...((frame['features'] ?? []) as readonly string[]), 'lanterns']
          if (frame.t === 'account') {
            more['items'] = [...(frame['items'] as readonly object[]), { kind: 'lantern', key: randomUUID(), value: { lit: true } }]
          }
          return [lantern, more as Frame, lantern]
        },
      })
      await talkWith(stage, 'a newer server')
    },
  },
  {
    name: 'a server that is older',
    about: 'A server that knows no features refuses a hello that names some.',
    promises: ['W3'],
    async run(stage) {
      stage.line.meddle({
        up(frame, passage) {
          if (frame.t !== 'hello' || (frame['features'] === undefined && frame['changes'] === undefined)) return [frame]
          passage.tell({ t: 'refused', re: 'hello', code: 'frame-malformed' })
          return []
        },
        down(frame) {
          const { features: _unknown, ...less } = frame
          return [less]
        },
      })
      await talkWith(stage, 'an older server')
    },
  },
  {
    name: 'history',
    about: 'A new device, a conversation of several pages, and a server that is busy in between.',
    needs: 'history',
    promises: ['D10', 'D4'],
    prepare: (stage) => hearMany(stage, 450, 'long ago'),
    async run(stage) {
      await stage.owes('D7', 'show the newest entry', async () => (await stage.entries()).at(-1)?.text === 'long ago 449')
      let asked = 0
      stage.line.meddle({
        http: ({ path }) => (/\/entries(?:\?|$)/.test(path) && asked++ === 1 ? { status: 503, body: { code: 'busy', retryAfterMs: 500 } } : null),
      })
      await stage.settle()
      const entries = await stage.entries()
      stage.check('D10', entries[0]?.seq === 1, `the first entry that the client can show is #${entries[0]?.seq ?? 'none'}`)
    },
  },
]
