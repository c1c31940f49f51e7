import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AccountId, LIMITS } from '@bongsu/protocol'
import { chosenIn, mayCallEveryone, mentionQuery, placeMentions, suggest } from './mentions.ts'

const id = (name: string) => name as AccountId
const people = ['김서연', '이도현', '박서준', 'Anna Kim'].map((name) => ({ who: id(name), name }))
const names = (query: string) => suggest(people, query).map(({ name }) => name)

test('[WEB] an @ at the beginning of a word asks for a name', () => {
  assert.deepEqual(mentionQuery('@', 1), { from: 0, query: '' })
  assert.deepEqual(mentionQuery('그럼 @ㅅ', 5), { from: 3, query: 'ㅅ' })
  assert.deepEqual(mentionQuery('(@김서', 4), { from: 1, query: '김서' })
})

test('[WEB] an address is no mention, and a space ends one', () => {
  assert.equal(mentionQuery('me@example', 10), null)
  assert.equal(mentionQuery('@김서연 안녕', 7), null)
  assert.equal(mentionQuery('안녕', 2), null)
  assert.deepEqual(mentionQuery(`@${'가'.repeat(20)}`, 21), { from: 0, query: '가'.repeat(20) })
  assert.equal(mentionQuery(`@${'가'.repeat(21)}`, 22), null)
})

test('[WEB] names are suggested by letters and initial consonants, those that begin so first', () => {
  assert.deepEqual(names('서'), ['김서연', '박서준'])
  assert.deepEqual(names('ㅂㅅ'), ['박서준'])
  assert.deepEqual(names('kim'), ['Anna Kim'])
  assert.deepEqual(names('없'), [])
  assert.equal(names('').length, 4)
})

test('[WEB] those chosen are mentioned where their names stand in the finished text', () => {
  const chosen = [
    { who: id('kim'), label: '김서연' },
    { who: id('all'), label: '김서' },
  ]
  assert.deepEqual(placeMentions('안녕 @김서연 @김서 @김서연', chosen), [
    { who: 'kim', at: 3, length: 4 },
    { who: 'all', at: 8, length: 3 },
    { who: 'kim', at: 12, length: 4 },
  ])
  assert.deepEqual(placeMentions('안녕 김서연', chosen), [])
  assert.deepEqual(placeMentions('@이도현', chosen), [])
})

test('[WEB] two people with one name are both mentioned, in the order in which they were chosen', () => {
  const chosen = ['a', 'b'].map((who) => ({ who: id(who), label: '김서연' }))
  assert.deepEqual(
    placeMentions('@김서연 @김서연', chosen).map(({ who }) => who),
    ['a', 'b'],
  )
})

test('[WEB] a text that is edited keeps its mentions', () => {
  const text = '자 @김서연 봐'
  const mentions = [{ who: id('kim'), at: 2, length: 4 }]
  assert.deepEqual(placeMentions(`그럼 ${text}`, chosenIn(text, mentions)), [{ who: 'kim', at: 5, length: 4 }])
})

test('[WEB] no more are mentioned than a text may hold', () => {
  const chosen = [{ who: id('kim'), label: '김' }]
  assert.equal(placeMentions('@김 '.repeat(LIMITS.mentionsMax), chosen).length, LIMITS.mentionsMax)
  assert.equal(placeMentions('@김 '.repeat(LIMITS.mentionsMax + 1), chosen).length, LIMITS.mentionsMax)
})

test('[WEB] everybody can be called in a small group, in a large one by its host', () => {
  const me = id('me')
  const may = (memberCount: number, host: AccountId | null = null) => mayCallEveryone({ kind: 'group', memberCount, host }, me)
  assert.deepEqual(
    [
      may(LIMITS.everyoneMembersMax),
      may(LIMITS.everyoneMembersMax + 1),
      may(LIMITS.everyoneMembersMax + 1, me),
      may(LIMITS.everyoneMembersMax + 1, id('kim')),
    ],
    [true, false, true, false],
  )
  assert.equal(mayCallEveryone({ kind: 'direct', memberCount: 2 }, me), false)
})
