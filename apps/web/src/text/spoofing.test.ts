import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STRINGS } from '../../../../tests/spoofing/strings.ts'
import { linkify } from './linkify.ts'

test('[C12] each address of the table is shown as it opens, or is no link', () => {
  const wrong = STRINGS.links.flatMap(([text, ...links]) => {
    const found = linkify(text).flatMap(({ href, shown }) => (href === null ? [] : [[shown, href]]))
    return JSON.stringify(found) === JSON.stringify(links) ? [] : [{ text: JSON.stringify(text), found, links }]
  })
  assert.deepEqual(wrong, [])
})
