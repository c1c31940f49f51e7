import type { Tone } from '../parts/emoji/emoji-row.ts'

const recentKey = 'bongsu.emoji'
const toneKey = 'bongsu.emoji-tone'
/** Three rows of the picker. */
const recentMax = 24

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Without storage nothing is remembered, and everything else works.
    return
  }
}

/** Emoji used on this device, newest first. */
export function recentEmoji(): readonly string[] {
  return (read(recentKey) ?? '')
    .split(' ')
    .filter((emoji) => emoji !== '')
    .slice(0, recentMax)
}

export function rememberEmoji(emoji: string): void {
  write(recentKey, [emoji, ...recentEmoji().filter((other) => other !== emoji)].slice(0, recentMax).join(' '))
}

export function emojiTone(): Tone {
  const tone = Number(read(toneKey) ?? 0)
  return Number.isInteger(tone) && tone >= 0 && tone <= 5 ? (tone as Tone) : 0
}

export function rememberTone(tone: Tone): void {
  write(toneKey, String(tone))
}

/** Signing out deletes the person's recent emoji. */
export function forgetEmoji(): void {
  try {
    localStorage.removeItem(recentKey)
    localStorage.removeItem(toneKey)
  } catch {
    return
  }
}
