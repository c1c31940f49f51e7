import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEmojiOnly } from './emoji-only.ts'

test('[TEXT] up to three emoji alone are shown large', () => {
  for (const text of ['🙏', '🔥🔥🔥', '👨‍👩‍👧‍👦', '👍🏽 👍🏽', '🇰🇷', '❤️', '1️⃣']) assert.ok(isEmojiOnly(text), text)
  for (const text of ['', ' ', '🔥🔥🔥🔥', '네 🙏', '3', '#', 'ㅋㅋ', '🔥'.repeat(500)]) assert.ok(!isEmojiOnly(text), text)
})
