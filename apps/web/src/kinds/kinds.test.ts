import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountId, EntryBody } from '@bongsu/protocol'
import { lookOf, namedWordsOf, wordsOf } from './kinds.ts'
import type { Told } from './look.ts'

const kim = 'kim' as AccountId
const lee = 'lee' as AccountId
const names: Readonly<Record<string, string>> = { kim: '김서연', lee: '이도현' }
const told = (language: 'ko' | 'en', room: Told['room'] = 'group'): Told => ({ language, nameOf: (id) => names[id] ?? null, room })
const entry = (body: { kind: string; [field: string]: unknown }) => ({ author: kim, body: body as EntryBody })

const said: readonly (readonly [body: { kind: string; [field: string]: unknown }, ko: string, en: string])[] = [
  [{ kind: 'text', text: '안녕' }, '안녕', '안녕'],
  [{ kind: 'erased' }, '삭제된 메시지입니다', 'Deleted message'],
  [{ kind: 'created', title: '', accounts: [] }, '김서연님이 채팅방을 만들었습니다.', '김서연 started the group.'],
  [{ kind: 'created', title: '', accounts: [lee] }, '김서연님이 이도현님을 초대했습니다.', '김서연 invited 이도현.'],
  [{ kind: 'invited', accounts: [lee] }, '김서연님이 이도현님을 초대했습니다.', '김서연 invited 이도현.'],
  [{ kind: 'left' }, '김서연님이 나갔습니다.', '김서연 left.'],
  [{ kind: 'renamed', title: '마을' }, '김서연님이 채팅방 이름을 바꿨습니다: 마을', '김서연 renamed the group: 마을'],
  [{ kind: 'renamed', title: '' }, '김서연님이 채팅방 이름을 지웠습니다.', '김서연 removed the group name.'],
]

test('[TEXT] every kind is said in Korean and English', () => {
  for (const [body, ko, en] of said) {
    assert.equal(wordsOf(entry(body), told('ko')), ko)
    assert.equal(wordsOf(entry(body), told('en')), en)
  }
})

test('[W3] a kind of a newer server is a plain line, never nothing', () => {
  for (const kind of ['poll', 'constructor', '__proto__']) {
    assert.equal(lookOf(kind).shape('group'), 'line')
    for (const language of ['ko', 'en'] as const) assert.ok(wordsOf(entry({ kind }), told(language)).length > 10)
  }
})

test('[WEB] in a group an erased message is a line without its author, and it cannot be copied or answered', () => {
  const { shape, copied, acts } = lookOf('erased')
  assert.deepEqual([shape('group'), shape('direct'), shape('self')], ['line', 'bubble', 'bubble'])
  assert.equal(copied({ kind: 'erased' }), null)
  assert.deepEqual(acts, ['hide'])
  assert.equal(
    namedWordsOf(entry({ kind: 'erased' }), told('ko'), lee, (name, text) => `${name}: ${text}`),
    '삭제된 메시지입니다',
  )
})

test('[WEB] the list names the author of a text in a group, and only there', () => {
  const words = (room: Told['room'], me: string) =>
    namedWordsOf(entry({ kind: 'text', text: '안녕' }), told('ko', room), me, (name, text) => `${name}: ${text}`)
  assert.deepEqual([words('group', lee), words('group', kim), words('direct', lee)], ['김서연: 안녕', '안녕', '안녕'])
})
