import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { systemClock, type Clock } from '../clock.ts'
import { createMailer, MAILER_BOUNDS, type Letter, type Mailer } from './mailer.ts'
import { HANG_UP, startMailServer, startScriptedServer } from '../../../../tests/worlds/mail-server.ts'

const letter: Letter = {
  to: 'hana@example.kr',
  subject: '[봉수] 메시지를 주고받을 수 없습니다',
  text: '■ 사실: 메시지를 주고받을 수 없습니다.\n.\n끝 줄',
  html: '<p>메시지를 주고받을 수 없습니다.</p>',
  messageId: 'abc@status.example.kr',
  references: 'root@status.example.kr',
  leaveUrl: 'https://status.example.kr/unsubscribe?token=1.abc',
}
const yes = (): boolean => true

function mailerFor(t: TestContext, url: string, clock: Clock = systemClock): Mailer {
  const mailer = createMailer({ url, from: { name: '봉수 상태', address: 'status@example.kr' }, clock })
  t.after(() => mailer.close())
  return mailer
}

/** Timers run a hundred times as fast. */
const hasty: Clock = { ...systemClock, after: (delayMs, run) => systemClock.after(delayMs / 100, run) }

test('[S8] a Korean mail arrives as written, with its unsubscribe and thread headers', async (t) => {
  const server = await startMailServer()
  t.after(() => server.stop())
  assert.deepEqual(await mailerFor(t, server.url).send(letter, yes), { kind: 'told' })
  const [got] = server.received
  assert.ok(got !== undefined)
  assert.equal(got.from, 'status@example.kr')
  assert.deepEqual(got.to, ['hana@example.kr'])
  assert.equal(got.mail.subject, letter.subject)
  assert.equal(got.mail.text?.trim(), letter.text)
  assert.match(String(got.mail.html), /메시지를 주고받을 수 없습니다/)
  assert.equal(got.mail.messageId, '<abc@status.example.kr>')
  assert.deepEqual(got.mail.references, '<root@status.example.kr>')
  assert.equal(got.mail.from?.value[0]?.name, '봉수 상태')
  assert.match(got.raw, /^Subject: =\?UTF-8\?B\?/m)
  assert.match(got.raw, /^List-Unsubscribe: <https:\/\/status\.example\.kr\/unsubscribe\?token=1\.abc>\r?$/m)
  assert.match(got.raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m)
  assert.match(got.raw, /^Auto-Submitted: auto-generated\r?$/m)
  assert.ok(
    got.raw.split('\n').every((line) => Buffer.byteLength(line) <= 998),
    'no line is longer than mail allows',
  )
})

test('[S8] neither a title nor an address can add a header or a recipient', async (t) => {
  const server = await startMailServer()
  t.after(() => server.stop())
  const mailer = mailerFor(t, server.url)
  const evil = 'down\r\nBcc: everybody@example.kr\r\nX-Evil: 1\u2028\0'
  assert.deepEqual(await mailer.send({ ...letter, subject: evil, text: `${evil}\r\n.\r\nMAIL FROM:<a@b.kr>` }, yes), { kind: 'told' })
  const [got] = server.received
  assert.deepEqual(got?.to, ['hana@example.kr'])
  assert.equal(got?.mail.headers.has('bcc'), false)
  assert.equal(got?.mail.headers.has('x-evil'), false)
  assert.equal(got?.mail.subject, 'down Bcc: everybody@example.kr X-Evil: 1')
  assert.equal(server.received.length, 1)
  const result = await mailer.send({ ...letter, to: 'a@example.kr>\r\nRCPT TO:<b@example.kr' }, yes)
  assert.notEqual(result.kind, 'told')
  assert.equal(server.received.length, 1)
})

test('[S8] a deferred mail may be tried again, a refused one not; only a missing mailbox counts against the address', async (t) => {
  const server = await startMailServer()
  t.after(() => server.stop())
  const mailer = mailerFor(t, server.url)
  const answer = async (code: number, text: string) => {
    server.answer.recipient = () => ({ code, text })
    const result = await mailer.send(letter, yes)
    server.answer.recipient = null
    return result
  }
  const { reason: later, ...again } = (await answer(450, '4.2.0 <hana@example.kr>: greylisted')) as { kind: string; reason: string }
  assert.deepEqual(again, { kind: 'again', own: true })
  assert.match(later, /<…>: greylisted/, 'nobody’s address in what is told of it')
  const { reason: _gone, ...refused } = (await answer(550, '5.1.1 no such user')) as { kind: string; reason: string }
  assert.deepEqual(refused, { kind: 'refused', address: true })
  const { reason: _relay, ...relaying } = (await answer(550, '5.7.1 relaying denied')) as { kind: string; reason: string }
  assert.deepEqual(relaying, { kind: 'refused', address: false })
  server.answer.mail = () => ({ code: 554, text: '5.7.1 spam' })
  assert.equal((await mailer.send(letter, yes)).kind, 'refused')
  server.answer.mail = () => ({ code: 452, text: '4.3.1 disk full' })
  assert.equal((await mailer.send(letter, yes)).kind, 'again')
  server.answer.mail = null
  assert.deepEqual(await mailer.send(letter, yes), { kind: 'told' })
})

test('[S8] an unclaimed mail is not sent, and neither is one whose claim throws', async (t) => {
  const server = await startMailServer()
  t.after(() => server.stop())
  const mailer = mailerFor(t, server.url)
  assert.deepEqual(await mailer.send(letter, () => false), { kind: 'withdrawn' })
  await assert.rejects(
    mailer.send(letter, () => {
      throw new Error('database or disk is full')
    }),
    /disk is full/,
  )
  let claims = 0
  assert.deepEqual(await mailer.send(letter, () => ++claims === 1), { kind: 'told' })
  assert.equal(claims, 1)
  assert.equal(server.received.length, 1)
})

test('[S8] at the time of the claim the server does not have the end of the mail', async (t) => {
  const server = await startScriptedServer(polite)
  t.after(() => server.stop())
  let heardAtClaim = ''
  const result = await mailerFor(t, server.url).send(letter, () => {
    heardAtClaim = server.heard()
    return true
  })
  assert.deepEqual(result, { kind: 'told' })
  assert.match(heardAtClaim, /DATA\r\n/)
  assert.doesNotMatch(heardAtClaim, /\r\n\.\r\n/)
  assert.match(server.heard(), /\r\n\.\r\n/)
})

function polite(line: string): string {
  if (line === '') return '220 test'
  if (line === 'DATA') return '354 go on'
  return '250 fine'
}

test('[S8] a hang-up after the whole mail leaves its state unknown; before that nothing has arrived', async (t) => {
  const atTheEnd = await startScriptedServer((line) => (line === '.' ? HANG_UP : polite(line)))
  const inTheMiddle = await startScriptedServer((line) => (line.startsWith('RCPT') ? HANG_UP : polite(line)))
  t.after(() => Promise.all([atTheEnd.stop(), inTheMiddle.stop()]))
  assert.equal((await mailerFor(t, atTheEnd.url).send(letter, yes)).kind, 'unknown')
  const result = await mailerFor(t, inTheMiddle.url).send(letter, yes)
  assert.equal(result.kind === 'again' && result.own, true)
})

test('[O1] a mail server that hangs at the greeting or after the dot delays a mail for a bounded time', async (t) => {
  const mute = await startScriptedServer(() => null)
  const deaf = await startScriptedServer((line) => (line === '.' ? null : polite(line)))
  t.after(() => Promise.all([mute.stop(), deaf.stop()]))
  const startedAt = performance.now()
  const [first, second] = await Promise.all([mailerFor(t, mute.url, hasty).send(letter, yes), mailerFor(t, deaf.url, hasty).send(letter, yes)])
  assert.deepEqual([first.kind, first.kind === 'again' && first.own, second.kind], ['again', false, 'unknown'])
  assert.ok(performance.now() - startedAt < (MAILER_BOUNDS.mailMs / 100) * 5)
})

test('[S8] an unreachable mail server does not count against the mail', async (t) => {
  const server = await startMailServer()
  await server.stop()
  const result = await mailerFor(t, server.url).send(letter, yes)
  assert.equal(result.kind === 'again' && !result.own, true)
})

test('[S8] one connection carries many mails, and a connection closed by the server is replaced without a lost try', async (t) => {
  const server = await startMailServer({ socketTimeout: 300 })
  t.after(() => server.stop())
  const mailer = mailerFor(t, server.url)
  for (let mail = 0; mail < 12; mail++) assert.deepEqual(await mailer.send(letter, yes), { kind: 'told' })
  assert.equal(server.connections(), 1)
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.deepEqual(await mailer.send(letter, yes), { kind: 'told' })
  assert.equal(server.connections(), 2)
  assert.equal(server.received.length, 13)
})

test('[S8] a wrong mail server password does not count against the mail, and the right one works', async (t) => {
  const server = await startMailServer({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => (password === '비밀 1' ? done(null, { user: 'u' }) : done(new Error('no'))),
  })
  t.after(() => server.stop())
  const withPassword = (password: string): string => server.url.replace('smtp://', `smtp://u:${encodeURIComponent(password)}@`)
  assert.deepEqual(await mailerFor(t, withPassword('비밀 1')).send(letter, yes), { kind: 'told' })
  const result = await mailerFor(t, withPassword('wrong')).send(letter, yes)
  assert.equal(result.kind === 'again' && !result.own, true)
})
