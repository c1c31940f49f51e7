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
  [{ kind: 'erased' }, '삭제된 메시지예요', 'Deleted message'],
  [{ kind: 'erased', by: 'staff' }, '운영진이 가린 메시지예요', 'Hidden by staff'],
  [{ kind: 'created', title: '', accounts: [] }, '김서연님이 채팅방을 만들었어요.', '김서연 started the group.'],
  [{ kind: 'created', title: '', accounts: [lee] }, '김서연님이 이도현님을 초대했어요.', '김서연 invited 이도현.'],
  [{ kind: 'invited', accounts: [lee] }, '김서연님이 이도현님을 초대했어요.', '김서연 invited 이도현.'],
  [{ kind: 'left' }, '김서연님이 나갔어요.', '김서연 left.'],
  [{ kind: 'left', host: lee }, '김서연님이 나갔어요. 이제 이도현님이 방장이에요.', '김서연 left. 이도현 is the host now.'],
  [{ kind: 'removed', accountId: lee, barred: false }, '김서연님이 이도현님을 내보냈어요.', '김서연 removed 이도현.'],
  [
    { kind: 'removed', accountId: lee, barred: true },
    '김서연님이 이도현님을 다시 들어올 수 없게 내보냈어요.',
    '김서연 removed 이도현, who may not come back.',
  ],
  [{ kind: 'removed', accountId: lee, barred: true, by: 'staff' }, '운영진이 이도현님을 내보냈어요.', 'Staff removed 이도현.'],
  [{ kind: 'role', accountId: lee, role: 'host' }, '김서연님이 이도현님에게 방장을 넘겼어요.', '김서연 made 이도현 the host.'],
  [{ kind: 'role', accountId: lee, role: 'deputy' }, '김서연님이 이도현님을 부방장으로 정했어요.', '김서연 made 이도현 a deputy.'],
  [
    { kind: 'rights', rights: { post: 'deputy', invite: 'host' } },
    '김서연님이 방의 권한을 바꿨어요: 초대 – 방장만, 글쓰기 – 방장과 부방장',
    '김서연 changed who may do what: invite – host only, write – host and deputies',
  ],
  [{ kind: 'renamed', title: '마을' }, '김서연님이 채팅방 이름을 바꿨어요: 마을', '김서연 renamed the group: 마을'],
  [{ kind: 'renamed', title: '' }, '김서연님이 채팅방 이름을 지웠어요.', '김서연 removed the group name.'],
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
    '삭제된 메시지예요',
  )
})

test('[WEB] the list names the author of a text in a group, and only there', () => {
  const words = (room: Told['room'], me: string) =>
    namedWordsOf(entry({ kind: 'text', text: '안녕' }), told('ko', room), me, (name, text) => `${name}: ${text}`)
  assert.deepEqual([words('group', lee), words('group', kim), words('direct', lee)], ['김서연: 안녕', '안녕', '안녕'])
})
