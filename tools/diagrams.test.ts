import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readText, ROOT } from './files.ts'

/** Where the first word of a name in a diagram leads. */
const ROOTS: Readonly<Record<string, string>> = {
  client: 'packages/client/src',
  protocol: 'packages/protocol/src',
  server: 'apps/server/src',
  sentinel: 'apps/sentinel/src',
  web: 'apps/web/src',
}

/** Names of files and folders in the Mermaid diagrams of a document, such as `server/gateway/connection`. */
function namesIn(markdown: string): string[] {
  const diagrams = [...markdown.matchAll(/^```mermaid\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? '')
  return diagrams.flatMap((diagram) => [...diagram.matchAll(/\b(?:client|protocol|server|sentinel|web)\/[a-z0-9/-]+/g)].map((match) => match[0]))
}

function isThere(name: string): boolean {
  const [first = '', ...rest] = name.split('/')
  const path = join(ROOT, ROOTS[first] ?? '', ...rest)
  return [path, `${path}.ts`, `${path}.tsx`].some((each) => existsSync(each))
}

test('names are found in diagrams, and a name without a file is noticed', () => {
  const diagram = '```mermaid\ngraph LR\n  a["client/outbox"] --> b["server/gateway/nowhere"]\n```\nserver/elsewhere\n'
  assert.deepEqual(namesIn(diagram), ['client/outbox', 'server/gateway/nowhere'])
  assert.deepEqual(namesIn(diagram).map(isThere), [true, false])
})

test('house rule: the diagrams of ARCHITECTURE.md name files and folders that exist', () => {
  const names = namesIn(readText('ARCHITECTURE.md'))
  assert.ok(names.length > 20)
  assert.deepEqual(
    names.filter((name) => !isThere(name)),
    [],
  )
})
