import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { LIMITS } from '@bongsu/protocol'
import { createGatewayWorld, type Caller } from '../../../../tests/worlds/gateway-world.ts'
import { accountId, roomId } from '../../../../tests/worlds/names.ts'
import { createSimulatedClock } from '../../../../tests/worlds/simulated-clock.ts'
import { until } from '../../../../tests/worlds/settle.ts'
import type { AuditHashes } from '../conversation/audit-store.ts'
import { createAuditFaults } from './audit-faults.ts'
import { GATEWAY_BOUNDS } from './bounds.ts'

async function ask(device: Caller, from: number, to: number, room = roomId(1)): Promise<unknown> {
  const count = (): number => device.socket.of('audit').length + device.socket.of('refused').length
  const before = count()
  device.say({ t: 'audit', conversationId: room, from, to })
  await until('an answer', () => count() > before)
  const answers = [...device.socket.of('audit'), ...device.socket.of('refused')]
  return device.socket.frames.findLast((frame) => answers.includes(frame as never))
}

test('[A1] the answer is the hash of the log’s entries, and null when some are missing', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  await gateway.world.say(roomId(1), accountId(1), 3)
  const device = await gateway.device(2)
  const hash = createHash('sha256')
  for (const { seq, id } of gateway.world.store.entries(roomId(1)).slice(1, 3)) {
    hash.update(Buffer.from(seq.toString(16).padStart(16, '0') + id.replaceAll('-', ''), 'hex'))
  }
  assert.deepEqual(await ask(device, 2, 3), { t: 'audit', conversationId: roomId(1), from: 2, to: 3, hash: hash.digest('hex') })
  assert.deepEqual(await ask(device, 2, 5), { t: 'audit', conversationId: roomId(1), from: 2, to: 5, hash: null })
})

test('[A1] a stretch is bounded, in order, and has nothing from before the joining', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1)
  await gateway.world.say(roomId(1), accountId(1), 2)
  await gateway.world.write(roomId(1), accountId(1), { kind: 'invited', accounts: [accountId(2)] })
  const device = await gateway.device(2)
  const code = async (from: number, to: number, room = roomId(1)): Promise<unknown> => ((await ask(device, from, to, room)) as { code?: string }).code
  assert.equal(await code(3, 4), 'body-invalid', 'before the invitation')
  assert.equal(await code(4, 4), undefined)
  assert.equal(await code(5, 4), 'body-invalid')
  assert.equal(await code(4, 4 + LIMITS.auditEntriesMax), 'body-invalid')
  assert.equal(await code(4, 3 + LIMITS.auditEntriesMax), undefined, 'exactly as many as may be')
  assert.equal(await code(1, 1, roomId(2)), 'not-a-member')
})

test('[A1] one device is told when to ask again, and others are not affected', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const [greedy, modest] = [await gateway.device(1), await gateway.device(2)]
  for (let count = 0; count < GATEWAY_BOUNDS.auditsBurst; count++) assert.equal(((await ask(greedy, 1, 1)) as { t: string }).t, 'audit')
  assert.deepEqual(await ask(greedy, 1, 1), { t: 'refused', re: 'audit', code: 'rate-limited', retryAfterMs: 1_000 / GATEWAY_BOUNDS.auditsPerSecond })
  assert.equal(((await ask(modest, 1, 1)) as { t: string }).t, 'audit')
})

test('[A1] simultaneous hashes are bounded, and a failing store is reported as such', async () => {
  const gateway = createGatewayWorld()
  await gateway.world.group(1, 1, 2)
  const device = await gateway.device(1)
  const answers: ((hashes: AuditHashes) => void)[] = []
  const { audit } = gateway
  const honest = audit.hash.bind(audit)
  audit.hash = () => new Promise((resolve) => answers.push(resolve))
  for (let count = 0; count < GATEWAY_BOUNDS.auditsInFlightMax; count++) device.say({ t: 'audit', conversationId: roomId(1), from: 1, to: 1 })
  assert.equal(((await ask(device, 1, 1)) as { code: string }).code, 'busy')
  for (const answer of answers) answer({ hash: null, marks: '', change: 0 })
  await until('the answers', () => device.socket.of('audit').length === GATEWAY_BOUNDS.auditsInFlightMax)

  audit.hash = () => Promise.reject(new Error('a fault'))
  assert.equal(((await ask(device, 1, 1)) as { code: string }).code, 'internal')
  assert.equal(gateway.failures.length, 1)
  audit.hash = honest
  assert.equal(((await ask(device, 1, 1)) as { t: string }).t, 'audit')
})

test('[A3] a reported audit fault is counted and not answered', async () => {
  const gateway = createGatewayWorld()
  const device = await gateway.device(1)
  const before = device.socket.frames.length
  device.say({ t: 'audit-fault' })
  assert.equal(gateway.auditFaults, 1)
  assert.equal(device.socket.frames.length, before)
})

test('[A3] one account raises the count of audit faults by a few an hour, from however many devices', async () => {
  const gateway = createGatewayWorld()
  const devices = [await gateway.device(1), await gateway.device(1, 7)]
  const tell = (): void => {
    for (let count = 0; count < GATEWAY_BOUNDS.auditFaultsPerAccount; count++) for (const device of devices) device.say({ t: 'audit-fault' })
  }
  tell()
  assert.equal(gateway.auditFaults, GATEWAY_BOUNDS.auditFaultsPerAccount)
  ;(await gateway.device(2)).say({ t: 'audit-fault' })
  assert.equal(gateway.auditFaults, GATEWAY_BOUNDS.auditFaultsPerAccount + 1, 'another account still counts')
})

test('[A3] the count of an account starts anew after an hour, and the accounts remembered are bounded', () => {
  const clock = createSimulatedClock()
  let counted = 0
  const fault = createAuditFaults(clock, () => counted++)
  const { auditFaultsPerAccount: each, auditFaultsWindowMs, auditFaultAccountsMax } = GATEWAY_BOUNDS
  const tell = (): void => {
    for (let count = 0; count <= each; count++) fault(accountId(1))
  }
  tell()
  clock.advance(auditFaultsWindowMs - 1)
  tell()
  assert.equal(counted, each)
  clock.advance(1)
  tell()
  assert.equal(counted, 2 * each)
  for (let other = 2; other <= auditFaultAccountsMax; other++) fault(accountId(other))
  counted = 0
  tell()
  assert.equal(counted, 0)
  fault(accountId(auditFaultAccountsMax + 1))
  counted = 0
  tell()
  assert.equal(counted, each, 'the longest known is forgotten')
})
