import { test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'

test('[W3] the client loads no schema library, and nothing of its own that only Node has', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({
      resolve(specifier, context, next) {
        const found = next(specifier, context)
        loaded.push({ url: found.url, from: context.parentURL ?? '' })
        return found
      },
    })
    await import('@bongsu/client')
    console.log(JSON.stringify(loaded))
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd: new URL('..', import.meta.url), encoding: 'utf8' })
  const loaded = JSON.parse(output) as { url: string; from: string }[]
  const urls = loaded.map(({ url }) => url)
  assert.ok(
    urls.some((url) => url.endsWith('/create-device.ts')),
    'the client itself was loaded',
  )
  assert.deepEqual(
    urls.filter((url) => url.includes('typebox')),
    [],
  )
  const ofNode = loaded.filter(({ url, from }) => url.startsWith('node:') && !from.includes('/node_modules/'))
  assert.deepEqual(ofNode, [], 'browsers load this too')
})
