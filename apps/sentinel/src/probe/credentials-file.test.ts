import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openCredentialsFile, type Credentials } from './credentials-file.ts'

const UUID = '01890000-0000-7000-8000-000000000001'
const ACCOUNT = { handle: 'canary-1', password: 'secret', accountId: UUID, deviceId: UUID, token: 'token' }

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'bongsu-canaries-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'sentinel')
}

test('[S1] written credentials are read back, and only the sentinel’s user can read the file', (t) => {
  const directory = folder(t)
  const file = openCredentialsFile(directory)
  assert.deepEqual(file.read(), { tries: 0, pairs: {} })
  // A file left behind by a crash, readable by everybody.
  mkdirSync(directory)
  writeFileSync(join(directory, 'canaries.json.new'), 'half', { mode: 0o644 })
  const credentials: Credentials = {
    tries: 7,
    pairs: { pc: { accounts: [ACCOUNT, ACCOUNT], conversationId: UUID }, phone: { accounts: [], conversationId: null } },
  }
  file.write(credentials)
  assert.deepEqual(openCredentialsFile(directory).read(), credentials)
  assert.deepEqual(readdirSync(directory), ['canaries.json'])
  assert.equal(statSync(join(directory, 'canaries.json')).mode & 0o777, 0o600)
})

test('[S1] a failed write leaves the old file', (t) => {
  const directory = folder(t)
  const file = openCredentialsFile(directory)
  // The first write creates the folder.
  file.write({ tries: 1, pairs: {} })
  const before = readFileSync(join(directory, 'canaries.json'), 'utf8')
  const circle: { tries: number; pairs: object } = { tries: 2, pairs: {} }
  circle.pairs = { pc: circle }
  assert.throws(() => file.write(circle))
  assert.equal(readFileSync(join(directory, 'canaries.json'), 'utf8'), before)
})

test('[S1] the complete parts of an edited or truncated file are used', (t) => {
  const directory = folder(t)
  mkdirSync(directory)
  const file = openCredentialsFile(directory)
  for (const [text, expected] of [
    ['', { tries: 0, pairs: {} }],
    ['[]', { tries: 0, pairs: {} }],
    ['{"tries":-1,"pairs":{"pc":{"accounts":[{}],"conversationId":null}}}', { tries: 0, pairs: {} }],
    [
      `{"tries":3,"pairs":{"pc":{"accounts":[${JSON.stringify(ACCOUNT)}],"conversationId":5},"tv":{}}}`,
      { tries: 3, pairs: { pc: { accounts: [ACCOUNT], conversationId: null } } },
    ],
  ] as const) {
    writeFileSync(join(directory, 'canaries.json'), text)
    assert.deepEqual(file.read(), expected, text)
  }
})
