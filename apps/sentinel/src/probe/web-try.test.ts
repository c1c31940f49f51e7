import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Asked, Request } from './ask.ts'
import { scriptIn, tryWeb, webWithinMs } from './web-try.ts'

const PAGE = '<!doctype html><body><div id="root"></div><script type="module" crossorigin src="/assets/index-abc.js"></script></body>'
const page = (text: string, status = 200): Asked => ({ kind: 'answer', status, contentType: 'text/html', text })
const script = (text = 'go()', contentType = 'text/javascript; charset=utf-8', status = 200): Asked => ({ kind: 'answer', status, contentType, text })

async function outcomeOf(answers: Readonly<Record<string, Asked>>): Promise<{ outcome: string; asked: readonly Request[] }> {
  const asked: Request[] = []
  let now = 0
  const outcome = await tryWeb(
    async (request) => {
      asked.push(request)
      now += 1_000
      return answers[new URL(request.url).pathname] ?? { kind: 'unreachable' }
    },
    'http://talk.example',
    () => now,
  )
  return { outcome, asked }
}

test('[S1] the app is reachable when page and script load within five seconds together', async () => {
  const { outcome, asked } = await outcomeOf({ '/': page(PAGE), '/assets/index-abc.js': script() })
  assert.equal(outcome, 'ok')
  assert.deepEqual(
    asked.map(({ url, timeoutMs }) => [url, timeoutMs]),
    [
      ['http://talk.example/', webWithinMs],
      ['http://talk.example/assets/index-abc.js', webWithinMs - 1_000],
    ],
  )
})

test('[S1] a different page, a page without its script, and a foreign script are not the app', async () => {
  const js = { '/assets/index-abc.js': script() }
  for (const [answers, expected] of [
    [{ '/': { kind: 'unreachable' } }, 'unreachable'],
    [{ '/': { kind: 'slow' } }, 'unaccepted'],
    [{ '/': { kind: 'too-large' } }, 'refused'],
    [{ ...js, '/': page(PAGE, 503) }, 'refused'],
    [{ ...js, '/': page('<h1>Welcome to nginx!</h1>') }, 'refused'],
    [{ ...js, '/': page('<div id="root"></div>') }, 'refused'],
    [{ ...js, '/': page(PAGE.replace('/assets', 'https://elsewhere.example/assets')) }, 'refused'],
    [{ '/': page(PAGE) }, 'unreachable'],
    [{ '/': page(PAGE), '/assets/index-abc.js': { kind: 'slow' } }, 'unaccepted'],
    [{ '/': page(PAGE), '/assets/index-abc.js': script('go()', 'text/javascript', 404) }, 'refused'],
    [{ '/': page(PAGE), '/assets/index-abc.js': script(PAGE, 'text/html') }, 'refused'],
    [{ '/': page(PAGE), '/assets/index-abc.js': script('') }, 'refused'],
  ] as const)
    assert.equal((await outcomeOf(answers as unknown as Record<string, Asked>)).outcome, expected, JSON.stringify(answers))
})

test('[S1] the check recognises the page of this repository', () => {
  assert.equal(scriptIn(readFileSync(new URL('../../../web/index.html', import.meta.url), 'utf8')), '/src/main.tsx')
})
