import { heartbeatMs } from './own-server.ts'
import { isLoading } from './line-protocol.ts'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

async function reactions(stage: Stage, seq: number): Promise<Readonly<Record<string, number>>> {
  return (await stage.entries()).find((entry) => entry.seq === seq)?.reactions ?? {}
}

function react(stage: Stage, seq: number, emoji: string): Promise<unknown> {
  return stage.client.ask({ do: 'react', conversation: stage.room, seq, emoji })
}

export const TRIALS_OF_ABILITIES: readonly Trial[] = [
  {
    name: 'reading',
    about: 'Unread entries are counted, and all devices of the account agree on what was read.',
    needs: 'reading',
    promises: ['R1', 'R3'],
    async run(stage) {
      const other = await stage.subject.signInAgain()
      try {
        for (const text of ['one', 'two', 'three']) await stage.hear(text)
        await stage.write('my own does not count')
        await stage.settle()
        await stage.owes('R3', 'count three unread entries', async () => (await stage.unread()) === 3, 5_000)
        const head = (await stage.entries()).at(-1)?.seq ?? 0
        await stage.client.ask({ do: 'read', conversation: stage.room, seq: head - 1 })
        await stage.owes('R3', 'tell the server what was read', async () => (await other.watermark(stage.room)) === head - 1)
        await stage.client.ask({ do: 'read', conversation: stage.room, seq: 2 })
        await stage.owes('R1', 'keep its watermark when it is told a lower one', async () => (await stage.unread()) === 0, 2_000)
        const newest = await stage.hear('read elsewhere')
        await stage.owes('R3', 'count one unread entry', async () => (await stage.unread()) === 1)
        await other.read(stage.room, newest.seq)
        await stage.owes('R3', 'learn what another device has read', async () => (await stage.unread()) === 0)

        const last = await stage.hear('read without a connection')
        await stage.settle()
        await stage.unplug()
        await stage.client.ask({ do: 'read', conversation: stage.room, seq: last.seq })
        await stage.plug()
        await stage.owes('R3', 'tell on its next connection what was read', async () => (await other.watermark(stage.room)) === last.seq)

        const final = await stage.hear('read, and told in vain')
        await stage.settle()
        stage.line.meddle({ up: (frame, passage) => (frame.t === 'read' ? (passage.cut(), []) : [frame]) })
        await stage.client.ask({ do: 'read', conversation: stage.room, seq: final.seq })
        await stage.owes('R3', 'tell what was read', () => stage.frames('up', 'read').some(({ frame }) => frame['seq'] === final.seq), 5_000)
        stage.line.meddle({})
        await stage.owes('R3', 'tell again what was told in vain', async () => (await other.watermark(stage.room)) === final.seq)
      } finally {
        other.disconnect()
      }
    },
  },
  {
    name: 'marks',
    about: 'Reactions, an edit and an erasure arrive, also when one frame with them is lost, and when the client is killed.',
    needs: 'marks',
    promises: ['I3', 'I6', 'I11'],
    async run(stage) {
      const [first, second, third] = [await stage.hear('first'), await stage.hear('second'), await stage.hear('to be erased')]
      await stage.settle()
      await stage.peer.act(stage.room, first, 'reaction', { emoji: '👍' })
      await stage.owes('I3', 'show a reaction', async () => (await reactions(stage, first.seq))['👍'] === 1)
      let lost = 0
      stage.line.meddle({ down: (frame) => (frame.t === 'items' && lost++ === 0 ? [] : [frame]) })
      await stage.peer.act(stage.room, second, 'reaction', { emoji: '😂' })
      await stage.peer.act(stage.room, third, 'reaction', { emoji: '🔥' })
      await stage.owes(
        'I3',
        'find a reaction that was lost before another one',
        async () => (await reactions(stage, second.seq))['😂'] === 1,
        8 * heartbeatMs,
      )
      lost = 0
      await stage.peer.act(stage.room, first, 'reaction', { emoji: '🙏' })
      await stage.owes('I3', 'find a lost reaction by a heartbeat', async () => (await reactions(stage, first.seq))['🙏'] === 1, 8 * heartbeatMs)
      await stage.peer.act(stage.room, second, 'edit', { text: 'second, edited' })
      await stage.owes('I6', 'show an edit', async () => (await stage.entries()).find(({ seq }) => seq === second.seq)?.text === 'second, edited')
      await stage.peer.act(stage.room, third, 'erased', {})
      const erased = async (): Promise<boolean> => {
        const entry = (await stage.entries()).find(({ seq }) => seq === third.seq)
        return entry?.kind === 'erased' && entry.text === null
      }
      await stage.owes('I6', 'erase what its author has erased', erased)

      await stage.unplug()
      await react(stage, first.seq, '🎉')
      await stage.owes('I11', 'show its own reaction at once', async () => (await reactions(stage, first.seq))['🎉'] === 1, 2_000)
      await stage.client.kill()
      await stage.client.start()
      await stage.owes('I11', 'show its own reaction after a kill', async () => (await reactions(stage, first.seq))['🎉'] === 1, 5_000)
      await stage.plug()
      await stage.owes('I11', 'send its own reaction', () => stage.frames('down', 'set-accepted').length > 0)
      await stage.owes('I6', 'keep an erased text erased', erased, 5_000)
    },
  },
  {
    name: 'audit',
    about: 'An entry arrives with another id than the server has. The client finds it, says so, and repairs it.',
    needs: 'audit',
    promises: ['A1', 'A3'],
    async run(stage) {
      const wrong = '00000000-0000-4000-8000-000000000000'
      stage.line.meddle({
        down(frame) {
          if (frame.t !== 'entries') return [frame]
          const entries = (frame['entries'] as readonly { body: { text?: string } }[]).map((entry) =>
            entry.body.text === 'altered on its way' ? { ...entry, id: wrong } : entry,
          )
          return [{ ...frame, entries }]
        },
      })
      await stage.hear('altered on its way')
      await stage.hear('and one more')
      await stage.owes('D2', 'show what has arrived', async () => (await stage.entries()).at(-1)?.text === 'and one more')
      stage.line.meddle({})
      const compare = async (): Promise<unknown> => (await stage.client.ask({ do: 'audit', conversation: stage.room }))['equal']
      stage.check('A1', (await compare()) === false, 'the client did not notice that one of its entries has another id on the server')
      await stage.owes('A3', 'load the differing conversation again', async () =>
        (await stage.look()).items.every((item) => isLoading(item) || item.id !== wrong),
      )
      await stage.owes('A3', 'let the server count the difference', () => stage.frames('up', 'audit-fault').length > 0)
      await stage.settle()
      stage.check('A1', (await compare()) === true, 'after the repair the client still says that it differs from the server')
    },
  },
]
