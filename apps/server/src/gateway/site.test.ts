import assert from 'node:assert/strict'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { addSite } from './site.ts'

test('[C20] [WEB] compressed files are sent to browsers that accept them, only hashed files are cached, and the page is not kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bongsu-site-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<p>beacon</p>')
  writeFileSync(join(folder, 'index.html.gz'), gzipSync('<p>beacon</p>'))
  writeFileSync(join(folder, 'assets/index-abc.js'), 'light()')
  writeFileSync(join(folder, 'sw.js'), 'store()')
  const app = Fastify()
  t.after(() => app.close())
  await addSite(app, folder)

  const plain = await app.inject({ url: '/', headers: { 'accept-encoding': 'identity' } })
  assert.equal(plain.body, '<p>beacon</p>')
  assert.equal(plain.headers['cache-control'], 'no-store')
  const small = await app.inject({ url: '/', headers: { 'accept-encoding': 'gzip' } })
  assert.equal(small.headers['content-encoding'], 'gzip')
  assert.equal(small.headers['cache-control'], 'no-store')
  assert.equal((await app.inject('/sw.js')).headers['cache-control'], 'no-cache')
  assert.equal(small.headers['content-type'], 'text/html; charset=utf-8')
  const script = await app.inject({ url: '/assets/index-abc.js', headers: { 'accept-encoding': 'gzip, br' } })
  assert.equal(script.body, 'light()')
  assert.match(String(script.headers['cache-control']), /immutable/)
  assert.equal((await app.inject('/../package.json')).statusCode, 404)
})
