import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atAGlance, languageOf } from './at-a-glance.ts'

test('[O9] the language of a terminal is Korean when its locale is, and else English', () => {
  assert.deepEqual(
    [{}, { LANG: 'ko_KR.UTF-8' }, { LANG: 'ko_KR.UTF-8', LC_ALL: 'C' }, { LC_ALL: '', LC_MESSAGES: 'ko' }, { LANG: 'de_DE' }].map(languageOf),
    ['en', 'ko', 'en', 'ko', 'en'],
  )
})

test('[O9] addresses always, links only as long as they are needed, and a missing status page is told', () => {
  const all = { app: 'http://a', adminLink: 'http://a/#/invite/x', status: 'http://s', operatorLink: 'http://s/set-up?link=y' }
  for (const language of ['ko', 'en'] as const) {
    const first = atAGlance(all, language)
    for (const part of Object.values(all)) assert.ok(first.includes(part), part)
    const later = atAGlance({ ...all, adminLink: null, operatorLink: null }, language)
    assert.ok(!later.includes('invite') && !later.includes('24'))
    assert.ok(!atAGlance({ ...all, status: null }, language).includes('http://s\n'))
  }
})
