import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultInText, isEmoji, LIMITS } from '@bongsu/protocol'
import { chooseParticles } from './josa.ts'
import { generateTown } from './town.ts'

const town = generateTown(1)
const lines = town.rooms.flatMap((room) => room.lines)

test('[DEMO] the town has 3,000 people with handles that accounts may have', () => {
  assert.equal(town.people.length, 3_000)
  assert.equal(new Set(town.people.map((person) => person.handle)).size, 3_000)
  for (const { handle, displayName } of town.people) {
    assert.match(handle, /^[a-z0-9][a-z0-9._-]+$/)
    assert.ok(handle.length >= LIMITS.handleLengthMin && handle.length <= LIMITS.handleLengthMax, handle)
    assert.equal(faultInText(displayName, LIMITS.displayNameCodePointsMax), null, handle)
  }
})

test('[DEMO] 60 people talk in 25 rooms, 20,000 lines in all, in one room of everybody', () => {
  assert.equal(town.rooms.length, 25)
  assert.equal(lines.length, 20_000)
  assert.equal(new Set(lines.map((line) => line.author)).size, 60)
  assert.equal(town.rooms.filter((room) => room.members.length === LIMITS.membersMax).length, 1)
})

test('[DEMO] rooms are such as can be made', () => {
  const handles = new Set(town.people.map((person) => person.handle))
  for (const { title, kind, members } of town.rooms) {
    assert.equal(new Set(members).size, members.length, title)
    assert.ok(
      members.every((member) => handles.has(member)),
      title,
    )
    if (kind === 'direct') assert.equal(members.length, 2)
    if (kind === 'self') assert.equal(members.length, 1)
    if (kind === 'group') assert.equal(faultInText(title, LIMITS.titleCodePointsMax), null)
  }
})

test('[DEMO] every line is well formed, within its limit, by a member, in order, and in the past', () => {
  for (const room of town.rooms) {
    const members = new Set(room.members)
    let before = Infinity
    for (const { author, text, minutesAgo } of room.lines) {
      assert.equal(faultInText(text, LIMITS.textCodePointsMax), null, text)
      assert.doesNotMatch(text, /[{}|]|\((?:를|가|는|와|예|야|로|요)\)|undefined|\[[^\]]*\//, 'a template shows through')
      assert.ok(members.has(author), author)
      assert.ok(Number.isInteger(minutesAgo) && minutesAgo >= 1 && minutesAgo <= before)
      before = minutesAgo
    }
  }
})

test('[DEMO] the town is quiet at night and says most things in more than one way', () => {
  const now = 20 * 60
  const hours = lines.map((line) => Math.floor(((((now - line.minutesAgo) % 1_440) + 1_440) % 1_440) / 60))
  assert.ok(hours.filter((hour) => hour >= 1 && hour < 5).length < 20)
  assert.ok(new Set(lines.map((line) => line.text)).size > 7_000)
  assert.ok(lines.some((line) => line.text.length > 300))
  assert.ok(lines.some((line) => line.text.includes('https://')))
})

test('[DEMO] people react to what others said, and answer with a quote what was said before', () => {
  let [reacted, quoting] = [0, 0]
  for (const room of town.rooms) {
    const members = new Set(room.members)
    for (const [index, { author, begins, reactions = [], answers }] of room.lines.entries()) {
      reacted += reactions.length > 0 ? 1 : 0
      quoting += answers === undefined ? 0 : 1
      assert.equal(new Set(reactions.map(({ who }) => who)).size, reactions.length, 'one reaction a person')
      for (const { who, emoji } of reactions) assert.ok(members.has(who) && who !== author && isEmoji(emoji), emoji)
      if (answers !== undefined) assert.ok(!begins && answers < index && room.lines[answers]?.author !== author)
    }
  }
  assert.ok(reacted > 800 && reacted < 2_500, String(reacted))
  assert.ok(quoting > 50 && quoting < 1_000, String(quoting))
})

test('[DEMO] the same seed gives the same town, another seed another', () => {
  assert.deepEqual(generateTown(1), town)
  assert.notDeepEqual(generateTown(2).rooms[0]?.lines, town.rooms[0]?.lines)
})

test('[DEMO] particles follow the last sound', () => {
  const cases = [
    ['사과을(를) 밥을(를)', '사과를 밥을'],
    ['비이(가) 물이(가)', '비가 물이'],
    ['『토지』을(를) 『동백꽃』을(를)', '『토지』를 『동백꽃』을'],
    ['터미널으로(로) 시장 입구으로(로) 산으로(로)', '터미널로 시장 입구로 산으로'],
    ['3이(가) 5은(는)', '3이 5는'],
    ['2만 원이에(예)요', '2만 원이에요'],
    ['카레이요(요) 김밥이요(요)', '카레요 김밥이요'],
    ['민석아(야) 하나아(야)', '민석아 하나야'],
  ] as const
  for (const [written, spoken] of cases) assert.equal(chooseParticles(written), spoken)
})
