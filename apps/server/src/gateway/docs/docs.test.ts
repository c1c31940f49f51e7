import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CLOSE_CODES, LIMITS, REFUSALS } from '@bongsu/protocol'
import { HEALTH_ROUTES } from '@bongsu/protocol/schemas'
import { Compile } from 'typebox/compile'
import { startTestServer } from '../../../../../tests/worlds/running-server.ts'
import { idOf } from './html.ts'
import { renderMarkdown } from './markdown.ts'

const ROOT = join(import.meta.dirname, '../../../../..')
const PAGES = ['/docs', '/docs/guide', '/docs/conformance', '/docs/spec']

test('[W5] guide, rules, shapes, limits and codes are served without signing in', async (t) => {
  const server = await startTestServer(t, { BONGSU_FRAMES_PER_SECOND: '77' })
  for (const path of PAGES) {
    const { status, headers, text } = await server.raw(path)
    assert.deepEqual([status, headers.get('content-type')], [200, 'text/html; charset=utf-8'], path)
    assert.ok(!/<script|<style|\sstyle=|\son[a-z]+=/.test(text), `${path} obeys the policy of the server: no script, no inline style`)
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/)
  }
  for (const [name, file] of [
    ['guide', 'docs/guide/write-a-client.md'],
    ['conformance', 'docs/guide/conformance.md'],
    ['spec', 'SPEC.md'],
  ] as const) {
    const { headers, text } = await server.raw(`/docs/${name}.md`)
    assert.equal(headers.get('content-type'), 'text/markdown; charset=utf-8')
    assert.equal(text, readFileSync(join(ROOT, file), 'utf8'))
  }
  assert.equal((await server.raw('/docs/client.py')).text, readFileSync(join(ROOT, 'docs/guide/client.py'), 'utf8'))
  const { body: limits } = await server.raw('/docs/limits.json')
  const byName = (list: readonly { name: string; value: number }[]): object => Object.fromEntries(list.map(({ name, value }) => [name, value]))
  assert.deepEqual(byName(limits.wire), { ...LIMITS })
  assert.equal((byName(limits.server) as { framesPerSecond: number }).framesPerSecond, 77)
  for (const { unit, about } of [...limits.wire, ...limits.server]) assert.ok(unit.length > 1 && about.length > 10)
  const { body: refusals } = await server.raw('/docs/refusals.json')
  assert.deepEqual(
    refusals.refusals.map(({ code, status, retry, about }: { code: string; status: number; retry: string; about: string }) => [
      code,
      { status, retry, about },
    ]),
    Object.entries(REFUSALS).map(([code, { status, retry, about }]) => [code, { status, retry, about }]),
  )
  const { body: codes } = await server.raw('/docs/close-codes.json')
  assert.deepEqual(
    codes.closeCodes.map(({ code, comeBack }: { code: number; comeBack: boolean }) => [code, comeBack]),
    Object.values(CLOSE_CODES).map(({ code }) => [code, code < 4_100]),
  )
  const { body: openapi } = await server.raw('/docs/openapi.json')
  assert.deepEqual(openapi.servers[0].url, server.base.replace('127.0.0.1', 'localhost'))
})

test('[W5] every link of the pages leads somewhere', async (t) => {
  const server = await startTestServer(t)
  const served = new Map<string, string>()
  for (const path of PAGES) served.set(path, (await server.raw(path)).text)
  let followed = 0
  for (const [page, text] of served) {
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    assert.equal(new Set(ids).size, ids.length, `${page} has each id once`)
    for (const [, href = ''] of text.matchAll(/ href="([^"]+)"/g)) {
      if (href.startsWith('https:')) continue
      const [path = '', fragment] = href.split('#')
      const target = path === '' ? page : path
      if (!served.has(target)) served.set(target, (await server.raw(target)).status === 200 ? '' : assert.fail(`${page} links to ${href}`))
      if (fragment !== undefined) assert.ok(served.get(target)?.includes(` id="${fragment}"`), `${page} links to ${href}`)
      followed++
    }
  }
  assert.ok(followed > 100, `${followed} links`)
})

test('[W5] the health routes answer as they are described', async (t) => {
  const server = await startTestServer(t)
  for (const { path, replies } of [HEALTH_ROUTES.healthz, HEALTH_ROUTES.readyz, HEALTH_ROUTES.servez]) {
    const { status, body } = await server.raw(path)
    assert.equal(status, 200)
    assert.ok(Compile(replies[200].schema).Check(body), path)
    assert.deepEqual(Object.keys(body), Object.keys(replies[200].schema.properties), path)
  }
})

test('[W5] a document cannot bring HTML or unknown links into a page', () => {
  const { html, headings } = renderMarkdown(
    '# T\n\n## `a` & <b>\n\n<script>x</script>[in](other.ts) [out](javascript:alert(1)) <img src=x onerror=y>',
    () => null,
  )
  assert.ok(!/<script|<img|<b>|javascript/.test(html), html)
  assert.deepEqual(
    headings.map(({ id }) => id),
    ['a--b'],
  )
  assert.equal(idOf('9. Another history: reset, epoch and putting back', new Map()), '9-another-history-reset-epoch-and-putting-back')
})

test('[W5] the pages have the colours of the app', () => {
  const colours = (css: string): Map<string, string> =>
    new Map([...css.matchAll(/(--[a-z0-9-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]))
  const halves = (file: string, mark: string): Map<string, string>[] => readFileSync(join(ROOT, file), 'utf8').split(mark).slice(0, 2).map(colours)
  const app = halves('apps/web/src/theme/tokens.css', ":root[data-theme='night']")
  for (const [index, own] of halves('apps/server/src/gateway/docs/docs.css', '@media (prefers-color-scheme: dark)').entries()) {
    assert.ok(own.size >= 8)
    for (const [name, value] of own) assert.equal(value, app[index]?.get(name), name)
  }
})
