import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LIMITS, faultInTitle } from '@bongsu/protocol'
import { faultInName } from './validate.ts'

const fault = (name: string) => faultInName(name, LIMITS.displayNameCodePointsMax)

test('[W1] a name is one line with a visible character', () => {
  for (const fine of ['김서연', '이도현 🥐', 'Ann-Marie O’Neil', '👨‍👩‍👧', 'é', '한강서점', 'עדי']) assert.equal(fault(fine), null, fine)
  for (const unseen of ['', '   ', '\u3164', '\u200B\u200D', '\u2800 \uFFA0', '\u0301'])
    assert.equal(fault(unseen), 'text-empty', JSON.stringify(unseen))
  for (const unfit of ['김\n서연', 'a\0b', '\uD800', '관리자\u202Egnp', 'x\u2066y', 'a\u2028b'])
    assert.equal(fault(unfit), 'text-malformed', JSON.stringify(unfit))
  assert.equal(fault('가'.repeat(LIMITS.displayNameCodePointsMax)), null)
  assert.equal(fault('가'.repeat(LIMITS.displayNameCodePointsMax + 1)), 'text-too-long')
})

test('[W1] a title is one line or empty', () => {
  assert.equal(faultInTitle(''), null)
  assert.equal(faultInTitle('마포 자율방재단'), null)
  assert.equal(faultInTitle('두\n줄'), 'text-malformed')
  assert.equal(faultInTitle('앞\u202E뒤'), 'text-malformed')
  assert.equal(faultInTitle('방'.repeat(LIMITS.titleCodePointsMax + 1)), 'text-too-long')
})
