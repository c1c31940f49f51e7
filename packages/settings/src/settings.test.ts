import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeSettings, list, oneOf, ownEnvironment, Problem, proxies, readSettings, setting, text, whole } from './settings.ts'

const TABLE = {
  port: setting<number>({ env: 'APP_PORT', default: 80, about: 'Port.', read: whole(0, 100) }),
  name: setting<string>({ env: 'APP_NAME', default: '', defaultText: 'that of the machine', about: 'Name.', read: text(3) }),
}
const mine = (name: string): boolean => name.startsWith('APP_')

test('[O1] a whole number has digits alone, and both ends of its range are valid', () => {
  const read = whole(2, 10)
  assert.deepEqual(['2', '10', '007'].map(read), [2, 10, 7])
  for (const bad of ['1', '11', '', ' 2', '2 ', '+2', '-2', '2.0', '1e1', '0x2', '９', 'Infinity', '9'.repeat(400)])
    assert.ok(read(bad) instanceof Problem, bad)
})

test('[O1] a text may be as long as its bound, and a word must be a known one', () => {
  assert.equal(text(3)('가나다'), '가나다')
  assert.ok(text(3)('가나다라') instanceof Problem)
  assert.equal(oneOf('ko', 'en')('en'), 'en')
  assert.ok(oneOf('ko', 'en')('EN') instanceof Problem)
  assert.deepEqual(list(' a, b ,,c,'), ['a', 'b', 'c'])
})

test('[O1] proxies are addresses, ranges and three words; a range of all addresses is refused', () => {
  const good = 'loopback,linklocal,uniquelocal,192.0.2.7,10.0.0.0/8,0.0.0.0/1,192.0.2.7/32,::1,2001:db8::/128'
  assert.deepEqual(proxies(good), good.split(','))
  for (const bad of ['10.0.0.0/0', '10.0.0.0/33', '::/0', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/x', 'all', 'a.kr', '10.0.0'])
    assert.ok(proxies(`loopback,${bad}`) instanceof Problem, bad)
})

test('[O1] unset and empty settings have their defaults, and the values are immutable', () => {
  const read = readSettings(TABLE, { APP_NAME: '', OTHER: 'x' }, mine)
  assert.deepEqual(read, { ok: true, config: { port: 80, name: '' } })
  assert.ok(read.ok)
  assert.throws(() => Object.assign(read.config, { port: 1 }), TypeError)
})

test('[O1] every problem is reported in the order of the table, then each unknown name', () => {
  assert.deepEqual(readSettings(TABLE, { APP_NMAE: 'x', APP_NAME: '가나다라', APP_PORT: '101', OTHER: 'x' }, mine), {
    ok: false,
    problems: [
      'APP_PORT must be a whole number from 0 to 100.',
      'APP_NAME must be at most 3 characters long.',
      'APP_NMAE is not a setting of Bongsu.',
    ],
  })
})

test('[O1] the settings are described with their defaults, in a form that can be set', () => {
  assert.equal(describeSettings(TABLE), '# Port.\n# APP_PORT=80\n\n# Name. (default: that of the machine)\n# APP_NAME=\n')
})

test('[S4] programs started together each get their own settings and those of no program', () => {
  const env = { APP_PORT: '1', APP_NAME: '', APP_MAIL_PASSWORD: 'secret', PATH: '/bin', APPLE: 'x', NODE_OPTIONS: '' }
  assert.deepEqual(ownEnvironment(TABLE, env, mine), { APP_PORT: '1', APP_NAME: '', PATH: '/bin', APPLE: 'x', NODE_OPTIONS: '' })
})
