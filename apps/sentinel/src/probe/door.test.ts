import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import type { Asked, Request } from './ask.ts'
import { createDoor, doorHoldsMs, doorRemembersMs, doorWithinMs } from './door.ts'
import type { Connected, Target } from './online.ts'

function start(serverUrl = 'https://talk.example') {
  const clock = createSimulatedClock()
  const requests: Request[] = []
  const targets: Target[] = []
  const given: { answer: Asked; connected: Connected } = { answer: { kind: 'unreachable' }, connected: 'none' }
  const door = createDoor({
    clock,
    serverUrl,
    key: () => 'key',
    async ask(request) {
      requests.push(request)
      return given.answer
    },
    network: {
      async connect(target, withinMs) {
        assert.equal(withinMs, doorWithinMs)
        targets.push(target)
        return given.connected
      },
    },
  })
  return { clock, door, requests, targets, given }
}

const answered = (status: number, value: unknown): Asked => ({
  kind: 'answer',
  status,
  contentType: 'application/json',
  text: typeof value === 'string' ? value : JSON.stringify(value),
})

test('[S1] a try fails on the way, at the door, in our server, or in one component', async () => {
  const ours = { name: '달여울', registration: 'invite', protocolVersion: 1 }
  const cases: readonly (readonly [string, Asked, Connected])[] = [
    ['way', { kind: 'unreachable' }, 'none'],
    ['way', { kind: 'slow' }, 'none'],
    ['door', { kind: 'unreachable' }, 'refused'],
    ['door', { kind: 'unreachable' }, 'made'],
    ['door', { kind: 'slow' }, 'made'],
    ['door', { kind: 'too-large' }, 'made'],
    ['door', answered(503, '<h1>Service Unavailable</h1>'), 'made'],
    ['door', answered(200, 'Welcome to nginx!'), 'made'],
    ['door', answered(200, { ...ours, protocolVersion: '1' }), 'made'],
    ['door', answered(200, { code: 'unavailable' }), 'made'],
    ['server', answered(503, { code: 'unavailable' }), 'made'],
    ['component', answered(200, ours), 'made'],
    // The bare connection was only slower than the answer.
    ['component', answered(200, ours), 'none'],
  ]
  for (const [stage, answer, connected] of cases) {
    const { door, given } = start()
    Object.assign(given, { answer, connected })
    assert.equal(await door.look(), stage, JSON.stringify([answer, connected]))
  }
})

test('[S1] the door is asked with the key, one look at a time, and the answer holds for a second', async () => {
  const { clock, door, requests, targets, given } = start('http://[::1]:8080')
  assert.deepEqual(await Promise.all([door.look(), door.look()]), ['way', 'way'])
  assert.deepEqual(targets, [{ host: '::1', port: 8_080 }])
  assert.deepEqual(
    requests.map(({ url, headers, timeoutMs }) => [url, headers?.['authorization'], timeoutMs]),
    [['http://[::1]:8080/v1/server', 'Bearer key', doorWithinMs]],
  )
  given.connected = 'refused'
  clock.advance(doorHoldsMs - 1)
  assert.equal(await door.look(), 'way')
  clock.advance(1)
  assert.equal(await door.look(), 'door')
  assert.deepEqual([await start().door.look(), await start('http://talk.example').door.look()], ['way', 'way'])
})

test('[S1] tries that failed before the way was mended failed on the way, not in a component', async () => {
  const { clock, door, given } = start()
  assert.equal(await door.look(), 'way')
  given.answer = answered(200, { name: '달여울', registration: 'invite', protocolVersion: 1 })
  clock.advance(doorRemembersMs)
  assert.equal(await door.look(), 'way')
  clock.advance(doorHoldsMs)
  assert.equal(await door.look(), 'component')
})

test('[S1] a port that is not named is that of the address', async () => {
  for (const [url, port] of [
    ['https://talk.example', 443],
    ['http://talk.example', 80],
  ] as const) {
    const { door, targets } = start(url)
    await door.look()
    assert.deepEqual(targets, [{ host: 'talk.example', port }])
  }
})
