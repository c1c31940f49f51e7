import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { heartbeatMs } from './own-server.ts'
import type { Stage } from './stage.ts'
import type { Trial } from './trial.ts'

/** Most a client may take beyond the times that SPEC.md gives: processes of a busy machine. */
const slackMs = 3_000

function helloTokens(stage: Stage): readonly unknown[] {
  return stage.frames('up', 'hello').map(({ frame }) => frame['token'])
}

export const TRIALS_OF_CONNECTING: readonly Trial[] = [
  {
    name: 'cut again and again',
    about: 'The connection breaks every moment while both write.',
    promises: ['D2', 'D4', 'M2', 'M6', 'C2'],
    async run(stage) {
      for (let cut = 0; cut < 6; cut++) {
        const both = [stage.write(`mine ${cut}`), stage.hear(`theirs ${cut}`), stage.write(`mine again ${cut}`)]
        await pause(cut * 12)
        stage.wire.cut()
        await Promise.all(both)
        await pause(400)
      }
      await stage.settle()
    },
  },
  {
    name: 'a dead line',
    about: 'Nothing passes any more, and nobody says so.',
    promises: ['C4', 'C2'],
    async run(stage) {
      await stage.hear('while it lives')
      await stage.settle()
      for (const line of stage.wire.lines) line.silence('both')
      await stage.write('into a dead line')
      await stage.hear('behind a dead line')
      const isNoticed = async (): Promise<boolean> => (await stage.state()) !== 'live'
      if (await stage.owes('C4', 'notice a silent connection', isNoticed, 1.5 * heartbeatMs + slackMs)) await stage.settle()
    },
  },
  {
    name: 'the server is killed',
    about: 'kill -9 of the server while both write, three times.',
    promises: ['M2', 'M6', 'D2', 'C2'],
    async run(stage) {
      for (let kill = 0; kill < 3; kill++) {
        await stage.hear(`theirs before kill ${kill}`)
        const writing = Array.from({ length: 10 }, (_, index) => stage.write(`mine around kill ${kill}: ${index}`))
        await pause(kill * 10)
        await stage.restartServer()
        await Promise.all(writing)
        await stage.hear(`theirs after kill ${kill}`)
      }
      await stage.settle()
    },
  },
  {
    name: 'nobody answers the door',
    about: 'Connections are broken at once for six seconds. The client neither gives up nor knocks all the time.',
    promises: ['O3', 'C2'],
    async run(stage) {
      await stage.settle()
      const before = stage.line.passages.length
      stage.line.meddle({
        up(_, passage) {
          passage.cut()
          return []
        },
      })
      stage.wire.cut()
      await stage.write('when the door opens')
      await pause(6_000)
      const tries = stage.line.passages.length - before
      stage.check('O3', tries <= 20, `the client connected ${tries} times in six seconds to a server that broke each connection`)
      stage.line.meddle({})
      await stage.settle()
    },
  },
  {
    name: 'a turn',
    about: 'The server is full, and gives the client a time to come back.',
    promises: ['O3'],
    async run(stage) {
      await stage.settle()
      const retryAfterMs = 4_000
      let toldAt = 0
      stage.line.meddle({
        up(frame, passage) {
          if (frame.t !== 'hello' || toldAt > 0) return [frame]
          toldAt = Date.now()
          passage.tell({ t: 'refused', re: 'hello', code: 'busy', retryAfterMs })
          setTimeout(() => passage.close(4_005), 50)
          return []
        },
      })
      stage.wire.cut()
      await stage.owes('O3', 'come at its turn', () => stage.frames('up', 'hello').some(({ at }) => toldAt > 0 && at > toldAt))
      const cameAfterMs = (stage.frames('up', 'hello').find(({ at }) => at > toldAt)?.at ?? 0) - toldAt
      stage.check('O3', cameAfterMs >= retryAfterMs - 1_000, `told to come after ${retryAfterMs} ms, the client came after ${cameAfterMs} ms`)
      stage.check(
        'O3',
        cameAfterMs <= retryAfterMs + 1_000 + slackMs,
        `told to come after ${retryAfterMs} ms, the client came after ${cameAfterMs} ms`,
      )
      await stage.settle()
    },
  },
  {
    name: 'closed to come back',
    about: 'The server closes with codes after which a device comes back, one of them unknown.',
    promises: ['W3'],
    async run(stage) {
      for (const code of [4_000, 4_001, 4_042]) {
        await stage.settle()
        stage.line.passages.at(-1)?.close(code)
        await stage.write(`after ${code}`)
        await stage.hear(`theirs after ${code}`)
      }
      await stage.settle()
    },
  },
  {
    name: 'closed for good',
    about: 'The server closes with 4100: the token is not valid any more.',
    promises: ['W3'],
    async run(stage) {
      await stage.hear('seen before')
      await stage.settle()
      const token = helloTokens(stage).at(-1)
      const passages = stage.line.passages.length
      stage.line.meddle({ up: () => [], http: () => ({ status: 401, body: { code: 'unauthenticated' } }) })
      stage.line.passages.at(-1)?.close(4_100)
      await pause(5_000)
      const hellos = helloTokens(stage).slice(1).length
      const again = stage.line.passages.slice(passages).some(({ log }) => log.some(({ frame }) => frame['token'] === token))
      stage.check('W3', !again, `told that its token is not valid, the client said hello with it again (${hellos} hellos)`)
      const state = await stage.state()
      stage.check('W3', state === 'signed-out', `told that its token is not valid, the client says ${state}`)
    },
  },
  {
    name: 'a token out of its time',
    about: 'The server closes with 4102: by its clock, which may be wrong, the time of the token is over. Later it takes the same token again.',
    promises: ['O8'],
    async run(stage) {
      await stage.hear('seen before')
      await stage.settle()
      const token = helloTokens(stage).at(-1)
      let told = 0
      stage.line.meddle({
        up(frame, passage) {
          if (frame.t !== 'hello') return []
          told++
          passage.tell({ t: 'refused', re: 'hello', code: 'unauthenticated' })
          passage.close(4_102)
          return []
        },
        http: () => ({ status: 401, body: { code: 'unauthenticated' } }),
      })
      for (const line of stage.wire.lines) line.cut()
      const isSignedOut = async (): Promise<boolean> => told > 0 && (await stage.state()) === 'signed-out'
      await stage.owes('O8', 'say that it is signed out', isSignedOut)
      await pause(5_000)
      stage.check('O8', told === 1, `told that the time of its token is over, the client said hello ${told} times in five seconds`)
      await stage.hear('while it was signed out')
      stage.line.meddle({})
      const before = helloTokens(stage).length
      await stage.client.kill()
      await stage.client.start()
      if (!(await stage.owes('O8', 'say hello again after its next start', () => helloTokens(stage).length > before))) return
      stage.check('O8', helloTokens(stage)[before] === token, 'the client has not kept its token')
      await stage.settle()
    },
  },
  {
    name: 'a renewed token',
    about: 'Each welcome replaces the token, and the client is killed in between.',
    promises: ['C15'],
    async run(stage) {
      await stage.settle()
      const real = String(helloTokens(stage)[0])
      const made = new Set<string>()
      const known = (token: unknown): string => (made.has(String(token)) ? real : String(token))
      stage.line.meddle({
        up: (frame) => (frame.t === 'hello' ? [{ ...frame, token: known(frame['token']) }] : [frame]),
        down(frame) {
          if (frame.t !== 'welcome') return [frame]
          const token = `renewed-${randomUUID()}`
          made.add(token)
          return [{ ...frame, token }]
        },
        bearer: known,
      })
      for (let round = 0; round < 3; round++) {
        const before = made.size
        if (round === 2) {
          await stage.client.kill()
          await stage.client.start()
        } else stage.wire.cut()
        await stage.owes('C15', 'connect again', () => made.size > before)
        await stage.hear(`after renewal ${round}`)
        await stage.settle()
        const [expected, said] = [[real, ...made].at(-2), helloTokens(stage).at(-1)]
        stage.check('C15', said === expected, 'the client said hello with a token that had been replaced')
      }
    },
  },
]
