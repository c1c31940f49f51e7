import { setTimeout as pause } from 'node:timers/promises'
import type { Frame, Meddling } from './middleman.ts'
import type { Trial } from './trial.ts'

const retryAfterMs = 3_000
/** A given time is kept, give or take a second [C2]. */
const toleranceMs = 1_000

/** Does something to the first `send` that passes, instead of passing it on. */
function firstSend(meddle: NonNullable<Meddling['up']>): Meddling {
  let met = false
  return {
    up(frame, passage) {
      if (frame.t !== 'send' || met) return [frame]
      met = true
      return meddle(frame, passage)
    },
  }
}

function refused(frame: Frame, code: string, more: object = {}): Frame {
  return { t: 'refused', id: frame['id'], re: 'send', code, ...more }
}

export const TRIALS_OF_SENDING: readonly Trial[] = [
  {
    name: 'calm',
    about: 'Two people write, and nothing is in the way.',
    promises: ['M4', 'D2', 'D5', 'C3'],
    async run(stage) {
      for (const text of ['첫 마디', ' space before and after ', 'two\nlines', 'é and é', '👩‍👩‍👧‍👦 가족', '"quotes" \\ and </b>', '봉'.repeat(10_000)]) {
        await stage.write(text)
        await stage.hear(`peer: ${text.slice(0, 9_000)}`)
      }
      await stage.settle()
    },
  },
  {
    name: 'many at once',
    about: 'Forty texts are written without waiting for any answer.',
    promises: ['M6', 'M2'],
    async run(stage) {
      await Promise.all(Array.from({ length: 40 }, (_, index) => stage.write(`at once ${index}`)))
      await stage.settle()
    },
  },
  {
    name: 'cut before the server has it',
    about: 'The connection breaks with a text that no server has seen.',
    promises: ['M2', 'C2', 'M6'],
    async run(stage) {
      stage.line.meddle(firstSend((_, passage) => (passage.cut(), [])))
      for (const text of ['never seen', 'after it']) await stage.write(text)
      await stage.settle()
    },
  },
  {
    name: 'cut after the server has it',
    about: 'The text is durable, and the connection breaks with the answer.',
    promises: ['M2', 'C2', 'M6'],
    async run(stage) {
      let cuts = 0
      stage.line.meddle({
        down(frame, passage) {
          if (frame.t !== 'accepted' || ++cuts > 2) return [frame]
          passage.cut()
          return []
        },
      })
      for (const text of ['answer lost', 'answer lost too', 'answered']) await stage.write(text)
      await stage.settle()
    },
  },
  {
    name: 'no answer',
    about: 'The connection lives, and one text is never answered.',
    promises: ['C2', 'M2', 'C3'],
    async run(stage) {
      stage.line.meddle(firstSend(() => []))
      const id = await stage.write('lost without a word')
      await pause(500)
      const state = (await stage.unsent(id))?.state
      stage.check('C3', state === 'sending' || state === 'waiting', `a text without an answer is shown as ${state ?? 'nothing'}`)
      await stage.settle(90_000)
    },
  },
  {
    name: 'busy',
    about: 'The server asks for a later try, and says when.',
    promises: ['C2', 'M6'],
    async run(stage) {
      let toldAt = 0
      stage.line.meddle(
        firstSend((frame, passage) => {
          toldAt = Date.now()
          passage.tell(refused(frame, 'busy', { retryAfterMs }))
          return []
        }),
      )
      const id = await stage.write('told to come later')
      await stage.write('behind it')
      await stage.settle()
      const again = stage.frames('up', 'send').filter(({ frame, at }) => frame['id'] === id && at > toldAt)[0]
      const waitedMs = (again?.at ?? toldAt) - toldAt
      stage.check('C2', waitedMs >= retryAfterMs - toleranceMs, `told to come after ${retryAfterMs} ms, the client came after ${waitedMs} ms`)
    },
  },
  {
    name: 'refused',
    about: 'The server refuses a text for good.',
    promises: ['C2', 'C3', 'M6'],
    async run(stage) {
      stage.line.meddle(
        firstSend((frame, passage) => {
          passage.tell(refused(frame, 'forbidden'))
          return []
        }),
      )
      const id = await stage.write('refused for good')
      await stage.write('not refused')
      await stage.settle()
      const shown = await stage.unsent(id)
      stage.check('C2', shown !== undefined, 'a refused text is not shown any more')
      stage.check('C3', shown === undefined || shown.code === 'forbidden', `a text refused as forbidden is shown with ${shown?.code ?? 'no code'}`)
      const tries = stage.frames('up', 'send').filter(({ frame }) => frame['id'] === id).length
      stage.check('C2', tries === 1, `a text that was refused for good was sent ${tries} times`)
    },
  },
  {
    name: 'refused until a new hello',
    about: 'The server asks the client to connect again.',
    promises: ['C2'],
    async run(stage) {
      stage.line.meddle(
        firstSend((frame, passage) => {
          passage.tell(refused(frame, 'hello-expected'))
          return []
        }),
      )
      await stage.write('after a new hello')
      await stage.settle()
      stage.check('C2', stage.line.passages.length > 1, 'asked to connect again, the client did not')
    },
  },
  {
    name: 'written without a connection',
    about: 'Texts are written while nothing can be reached.',
    promises: ['C2', 'C3', 'M6'],
    async run(stage) {
      await stage.unplug()
      const id = await stage.write('written offline')
      for (const text of ['and one more', 'and another']) await stage.write(text)
      await pause(500)
      const state = (await stage.unsent(id))?.state
      stage.check('C3', state === 'sending' || state === 'waiting', `a text that cannot be sent is shown as ${state ?? 'nothing'}`)
      await stage.plug()
      await stage.settle()
    },
  },
  {
    name: 'killed with unsent texts',
    about: 'The client is killed while texts wait, and again in the middle of sending one.',
    needs: 'outbox',
    promises: ['C1', 'M2', 'M6'],
    async run(stage) {
      await stage.unplug()
      const ids = []
      for (const text of ['kept over a kill', 'this one too', 'and the third']) ids.push(await stage.write(text))
      await stage.client.kill()
      await stage.client.start()
      const shown = (await stage.look()).unsent.map(({ id }) => id)
      stage.check(
        'C1',
        JSON.stringify(shown) === JSON.stringify(ids),
        `after a kill the client shows ${shown.length} of ${ids.length} unsent texts, or in another order`,
      )
      stage.line.meddle({ down: (frame) => (frame.t === 'accepted' ? [] : [frame]) })
      await stage.plug()
      await stage.owes('C1', 'send what waited', () => stage.frames('up', 'send').length > 0)
      await stage.client.kill()
      stage.line.meddle({})
      await stage.client.start()
      await stage.settle()
      const texts = (await stage.entries()).map(({ id }) => id)
      for (const id of ids) stage.check('C1', texts.includes(id), `${id} was stored before the kill, and was never sent`)
    },
  },
  {
    name: 'killed again and again',
    about: 'The client is killed at four moments while both write.',
    needs: 'outbox',
    promises: ['C1', 'M2', 'D2', 'D4'],
    async run(stage) {
      for (let kill = 0; kill < 4; kill++) {
        const writing = [0, 1, 2, 3, 4].map((index) => stage.write(`before kill ${kill}: ${index}`))
        await Promise.all([...writing, stage.hear(`peer before kill ${kill}`)])
        await pause(kill * 15)
        await stage.client.kill()
        await stage.hear(`peer during kill ${kill}`)
        await stage.client.start()
      }
      await stage.settle()
    },
  },
]
