import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createTestClock, type TestClock } from '../../../../tests/worlds/notifier-clock.ts'
import { createSignIn, firstOperatorLink, isUsableName, operatorLink, SIGN_IN_BOUNDS } from './sign-in.ts'
import { openOperatorStore, OPERATOR_BOUNDS, type OperatorStore } from './operator-store.ts'
import { createPasswords, isUsablePassword, PASSWORD_BOUNDS, type Passwords } from './passwords.ts'

const now = 1_800_000_000_000
const password = '봉수대에 불을 올려라, 다섯 번'

interface World {
  readonly folder: string
  readonly file: string
  readonly store: OperatorStore
  readonly clock: TestClock
  readonly door: ReturnType<typeof createSignIn>
}

/** Answers at once. The real password check has a test of its own. */
const plain: Passwords = { hash: async (text) => `plain ${text}`, matches: async (text, stored) => stored === `plain ${text}` }

function world(t: TestContext, passwords: Passwords = plain): World {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-operator-'))
  const file = join(folder, 'operators.db')
  const store = openOperatorStore(file, now)
  t.after(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })
  const clock = createTestClock(now)
  return { folder, file, store, clock, door: createSignIn({ store, passwords, clock }) }
}

async function withOperator(t: TestContext, name = '김봉화'): Promise<World> {
  const it = world(t)
  assert.equal(await it.door.setUp(it.store.makeLink(name, 'speaker', now), name, password, 'home'), 'done')
  return it
}

test('[S3] the first link creates an operator once; after that there is no first link', async (t) => {
  const { store, door } = world(t)
  const link = firstOperatorLink(store, 'https://status.example.kr', now)
  const token = String(link).replace('https://status.example.kr/operator/set-up?link=', '')
  assert.equal(await door.setUp(token, '  김봉화 ', password, 'home'), 'done')
  assert.equal(store.find('김봉화')?.name, '김봉화')
  assert.equal(await door.setUp(token, '이수리', password, 'home'), 'dead')
  assert.equal(firstOperatorLink(store, 'https://status.example.kr', now), null)
})

test('[S3] a link for a name sets the password of that name only and ends its sessions', async (t) => {
  const { store, door } = await withOperator(t)
  const old = await door.signIn('김봉화', password, 'home', null)
  assert.ok(old.kind === 'in')
  assert.equal(store.session(old.session, now)?.name, '김봉화')
  assert.equal(store.addPasskey({ id: 'k', operatorId: 1, publicKey: new Uint8Array(1), counter: 0 }, now), true)
  const token = String(operatorLink(store, '', '김봉화', 'speaker', now)).split('=')[1] ?? ''
  assert.equal(await door.setUp(token, '아무개', 'another password', 'home'), 'done')
  assert.equal(store.find('아무개'), null)
  assert.equal(store.session(old.session, now), null)
  assert.equal(store.knowsBrowser(old.browser, 1, now), false)
  assert.equal(store.passkey('k'), null)
  assert.equal((await door.signIn('김봉화', password, 'home', null)).kind, 'refused')
  assert.equal((await door.signIn('김봉화', 'another password', 'home', null)).kind, 'in')
  const open = String(operatorLink(store, '', null, 'speaker', now)).split('=')[1] ?? ''
  assert.equal(await door.setUp(open, '김봉화', 'a third password', 'home'), 'taken', 'a link for anybody takes nobody’s name')
  assert.equal(operatorLink(store, '', 'a\nb', 'speaker', now), null)
})

test('[S3] links, sessions and known browsers expire', async (t) => {
  const { store, door, clock } = await withOperator(t)
  const link = store.makeLink('김봉화', 'speaker', now)
  const signed = await door.signIn('김봉화', password, 'home', null)
  assert.ok(signed.kind === 'in')
  assert.notEqual(store.session(signed.session, now + OPERATOR_BOUNDS.sessionMs - 1), null)
  assert.equal(store.session(signed.session, now + OPERATOR_BOUNDS.sessionMs), null)
  assert.notEqual(store.readLink(link, now + OPERATOR_BOUNDS.linkMs - 1), null)
  assert.equal(store.readLink(link, now + OPERATOR_BOUNDS.linkMs), null)
  assert.equal(store.knowsBrowser(signed.browser, 1, now + OPERATOR_BOUNDS.browserMs), false)
  clock.set(now + OPERATOR_BOUNDS.linkMs)
  assert.equal(await door.setUp(link, '김봉화', 'whatever it is now', 'home'), 'dead')
})

test('[S3] the file contains neither a password nor a token in readable form', async (t) => {
  const { folder, store, door } = world(t, createPasswords())
  const link = store.makeLink(null, 'speaker', now)
  assert.equal(await door.setUp(link, '김봉화', password, 'home'), 'done')
  const open = store.makeLink(null, 'speaker', now)
  const signed = await door.signIn('김봉화', password, 'home', null)
  assert.ok(signed.kind === 'in')
  const bytes = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('')
  for (const secret of [password, link, open, signed.session, signed.browser]) assert.equal(bytes.includes(secret), false)
  assert.match(bytes, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
})

test('[O1] ten failures of one visitor, then a wait; a success does not count', async (t) => {
  const { door, clock } = await withOperator(t)
  const wrong = (visitor = 'a') => door.signIn('김봉화', 'wrong', visitor, null)
  for (let failure = 0; failure < SIGN_IN_BOUNDS.failuresPerVisitor - 1; failure++) assert.equal((await wrong()).kind, 'refused')
  for (let success = 0; success < 5; success++) assert.equal((await door.signIn('김봉화', password, 'a', null)).kind, 'in')
  assert.equal((await wrong()).kind, 'refused')
  assert.deepEqual(await wrong(), { kind: 'wait', waitMs: SIGN_IN_BOUNDS.windowMs })
  assert.equal((await door.signIn('김봉화', password, 'a', null)).kind, 'wait', 'even with the right one')
  assert.equal((await door.signIn('김봉화', password, 'b', null)).kind, 'in')
  await clock.pass(SIGN_IN_BOUNDS.windowMs)
  assert.equal((await wrong()).kind, 'refused')
})

test('[O1] simultaneous tries gain nothing over consecutive ones', async (t) => {
  const { door } = await withOperator(t)
  const results = await Promise.all(Array.from({ length: 30 }, () => door.signIn('김봉화', 'wrong', 'a', null)))
  assert.equal(results.filter(({ kind }) => kind === 'refused').length, SIGN_IN_BOUNDS.failuresPerVisitor)
})

test('[S12] wrong passwords from anywhere keep nobody out, on a known browser or on a new one', async (t) => {
  const { door } = await withOperator(t)
  const before = await door.signIn('김봉화', password, 'home', null)
  assert.ok(before.kind === 'in')
  for (let visitor = 0; visitor < 200; visitor++) assert.equal((await door.signIn('김봉화', 'wrong', `v${visitor}`, null)).kind, 'refused')
  assert.equal((await door.signIn('김봉화', password, 'a new place', null)).kind, 'in')
  assert.equal((await door.signIn('김봉화', password, 'home', before.browser)).kind, 'in')
  for (let failure = 0; failure < SIGN_IN_BOUNDS.failuresPerVisitor; failure++)
    assert.equal((await door.signIn('김봉화', 'wrong', 'thief', before.browser)).kind, 'refused')
  assert.equal((await door.signIn('김봉화', 'wrong', 'thief', before.browser)).kind, 'wait', 'a stolen one is bounded as well')
})

test('[O1] passwords are checked one at a time, and the queue is bounded', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash(password)
  assert.equal(await passwords.matches(password.normalize('NFD'), hash), true, 'Hangul typed on a Mac')
  assert.equal(await passwords.matches('wrong', hash), false)
  assert.equal(await passwords.matches(password, null), false)
  const results = await Promise.all(Array.from({ length: PASSWORD_BOUNDS.waitingMax + 2 }, () => passwords.matches(password, hash)))
  assert.equal(results.filter((result) => result === true).length, PASSWORD_BOUNDS.waitingMax + 1)
  assert.equal(results.at(-1), 'busy')
})

test('[S12] a known browser is served before all strangers, however many wait', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash(password)
  const order: string[] = []
  const strangers = Array.from({ length: PASSWORD_BOUNDS.waitingMax + 2 }, async (_, n) => {
    await passwords.matches('wrong', hash)
    order.push(`stranger ${n}`)
  })
  assert.equal(await passwords.matches(password, hash, true).then((result) => order.push('known') > 0 && result), true)
  await Promise.all(strangers)
  assert.ok(order.indexOf('known') <= 3, order.join())
})

test('[S12] operators have roles; the first is a keeper, one keeper stays, and whoever is removed is out at once', async (t) => {
  const { store, door } = await withOperator(t)
  assert.equal(await door.setUp(store.makeLink(null, 'speaker', now), '이수리', password, 'home'), 'done')
  assert.deepEqual(
    store.list().map(({ name, role }) => [name, role]),
    [
      ['김봉화', 'keeper'],
      ['이수리', 'speaker'],
    ],
  )
  assert.equal(store.setRole('김봉화', 'speaker'), 'last')
  assert.equal(store.remove('김봉화'), 'last')
  assert.equal(store.remove('아무개'), 'unknown')
  const signed = await door.signIn('이수리', password, 'home', null)
  assert.ok(signed.kind === 'in')
  assert.equal(store.setRole('이수리', 'keeper'), 'done')
  assert.equal(store.session(signed.session, now)?.role, 'keeper')
  const link = store.makeLink('이수리', 'speaker', now)
  for (let key = 0; key < OPERATOR_BOUNDS.passkeysPerOperatorMax + 1; key++)
    assert.equal(
      store.addPasskey({ id: `k${key}`, operatorId: 2, publicKey: new Uint8Array(1), counter: 0 }, now),
      key < OPERATOR_BOUNDS.passkeysPerOperatorMax,
    )
  assert.equal(store.remove('이수리'), 'done')
  assert.deepEqual(store.passkeysOf(2), [])
  assert.equal(store.session(signed.session, now), null)
  assert.equal(store.readLink(link, now), null)
  assert.equal((await door.signIn('이수리', password, 'home', signed.browser)).kind, 'refused')
})

test('[S12] whoever is removed, or is no keeper any more, cannot come back by a link made before', async (t) => {
  const { store, door } = await withOperator(t)
  for (const name of ['이수리', '박지기']) assert.equal(await door.setUp(store.makeLink(null, 'keeper', now), name, password, 'home'), 'done')
  const links = (): readonly string[] => [store.makeLink(null, 'keeper', now), store.makeLink('최새벽', 'keeper', now)]
  const open = (tokens: readonly string[]): readonly boolean[] => tokens.map((token) => store.readLink(token, now) !== null)
  const before = links()
  assert.equal(store.remove('아무개'), 'unknown')
  assert.equal(store.setRole('이수리', 'keeper'), 'done')
  assert.deepEqual(open(before), [true, true])
  assert.equal(store.setRole('이수리', 'speaker'), 'done')
  assert.deepEqual(open(before), [false, false])
  const later = links()
  assert.equal(store.remove('박지기'), 'done')
  assert.deepEqual(open(later), [false, false])
  assert.equal(await door.setUp(later[0] ?? '', '박지기', password, 'home'), 'dead')
})

test('[O1] the lengths of passwords and names are bounded', () => {
  assert.equal(isUsablePassword('가'.repeat(PASSWORD_BOUNDS.codePointsMin - 1)), false)
  assert.equal(isUsablePassword('가'.repeat(PASSWORD_BOUNDS.codePointsMin)), true)
  assert.equal(isUsablePassword('가'.repeat(PASSWORD_BOUNDS.codePointsMax)), true)
  assert.equal(isUsablePassword('가'.repeat(PASSWORD_BOUNDS.codePointsMax + 1)), false)
  assert.equal(isUsablePassword('\ud800'.repeat(20)), false)
  assert.equal(isUsableName('봉'.repeat(OPERATOR_BOUNDS.nameCodePointsMax)), true)
  for (const name of ['', ' a', 'a\u200eb', 'a\nb', 'a\u2028b', '봉'.repeat(OPERATOR_BOUNDS.nameCodePointsMax + 1)])
    assert.equal(isUsableName(name), false, name)
})

test('[O1] bounds: ten sessions of one operator, twenty links, fifty operators', async (t) => {
  const { store, door } = await withOperator(t)
  const sessions: string[] = []
  for (let session = 0; session <= OPERATOR_BOUNDS.sessionsPerOperatorMax; session++) sessions.push(store.startSession(1, now + session))
  assert.equal(store.session(sessions[0] ?? '', now), null)
  assert.notEqual(store.session(sessions[1] ?? '', now), null)
  const links = Array.from({ length: OPERATOR_BOUNDS.linksMax + 1 }, (_, index) => store.makeLink(null, 'speaker', now + index))
  assert.equal(store.readLink(links[0] ?? '', now), null)
  assert.notEqual(store.readLink(links[1] ?? '', now), null)
  for (let number = 2; number <= OPERATOR_BOUNDS.operatorsMax; number++)
    assert.equal(await door.setUp(store.makeLink(null, 'speaker', now + 100), `n${number}`, password, 'home'), 'done')
  assert.equal(await door.setUp(store.makeLink(null, 'speaker', now + 100), 'more', password, 'home'), 'full')
})
