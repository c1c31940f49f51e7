import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** Text, ground: pairs that carry text under 18 px. WCAG 2.2, 1.4.3: at least 4.5. */
const textPairs = [
  ['ink', 'ground'],
  ['ink', 'surface'],
  ['ink', 'raised'],
  ['ink', 'sunken'],
  ['ink', 'hover'],
  ['ink', 'flame-soft'],
  ['ink', 'warn-soft'],
  ['ink', 'bad-soft'],
  ['ink-2', 'warn-soft'],
  ['ink-2', 'bad-soft'],
  ['flame-ink', 'bad-soft'],
  ['ink-2', 'ground'],
  ['ink-2', 'surface'],
  ['ink-2', 'raised'],
  ['ink-2', 'sunken'],
  ['ink-2', 'hover'],
  ['ink-2', 'flame-soft'],
  ['ink-3', 'ground'],
  ['ink-3', 'surface'],
  ['ink-3', 'raised'],
  ['ink-3', 'sunken'],
  ['ink-3', 'hover'],
  ['ink-3', 'flame-soft'],
  ['flame-ink', 'ground'],
  ['flame-ink', 'surface'],
  ['flame-ink', 'raised'],
  ['flame-ink', 'flame-soft'],
  ['flame-ink', 'warn-soft'],
  ['flame-ink', 'sunken'],
  ['on-flame', 'flame'],
  ['on-flame', 'flame-hover'],
  ['unread', 'ground'],
  ['on-mine', 'mine'],
  ['on-theirs', 'theirs'],
  ['link', 'theirs'],
  ['link-mine', 'mine'],
  ['ink-2', 'theirs'],
  ['ink', 'theirs-soft'],
  ['ink-2', 'theirs-soft'],
  ['on-mine', 'mine-soft'],
  ['link-mine', 'mine-soft'],
  ['ink', 'float'],
  ['ink', 'float-hover'],
  ['ink-2', 'float'],
  ['ink-2', 'float-hover'],
  ['ink-3', 'float'],
  ['bad', 'float'],
  ['bad', 'float-hover'],
  ['flame-ink', 'float'],
  ['on-danger', 'danger'],
  ['on-danger', 'danger-hover'],
  ['ink-3', 'theirs'],
  ['bad', 'ground'],
  ['bad', 'surface'],
  ['bad', 'raised'],
  ['bad', 'bad-soft'],
  ['danger-ink', 'ground'],
  ['danger-ink', 'surface'],
  ['danger-ink', 'raised'],
  ['danger-ink', 'hover'],
  ['danger-ink', 'danger-soft'],
  ['danger-ink', 'float'],
  ['danger-ink', 'float-hover'],
  ['ink', 'chosen'],
  ['ink-2', 'chosen'],
  ['ink-3', 'chosen'],
  ['flame-ink', 'chosen'],
  ...Array.from({ length: 12 }, (_, index) => [`on-face-${index + 1}`, `face-${index + 1}`] as const),
] as const

/** Borders and signs that must be seen to be used. WCAG 2.2, 1.4.11: at least 3. */
const shapePairs = [
  ['edge', 'raised'],
  ['edge', 'surface'],
  ['edge', 'ground'],
  ['flame', 'surface'],
  ['flame', 'ground'],
  ['warn', 'warn-soft'],
] as const

const css = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const [dayText, nightText] = css.split(":root[data-theme='night']") as [string, string]

function tokensOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]))
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

for (const [theme, tokens] of [
  ['day', tokensOf(dayText)],
  ['night', tokensOf(nightText)],
] as const) {
  test(`[A11Y] every pair of colours used for text is legible: ${theme}`, () => {
    const weak: string[] = []
    for (const [pairs, least] of [
      [textPairs, 4.5],
      [shapePairs, 3],
    ] as const) {
      for (const [over, under] of pairs) {
        const [a, b] = [tokens.get(over), tokens.get(under)]
        assert.ok(a !== undefined && b !== undefined, `no token ${over} or ${under}`)
        if (contrast(a, b) < least) weak.push(`${over} on ${under}: ${contrast(a, b).toFixed(2)} < ${least}`)
      }
    }
    assert.deepEqual(weak, [])
  })
}

test('[A11Y] the contrast formula gives the known extremes', () => {
  assert.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00')
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})
