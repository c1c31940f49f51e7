import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

/** Pairs of text and background for text under 18 px. WCAG 2.2, 1.4.3: at least 4.5. */
const textPairs: readonly (readonly [string, string])[] = [
  ...['ink', 'ink-2', 'ink-3', 'flame'].flatMap((over) => ['ground', 'surface'].map((under) => [over, under] as const)),
  ...['ink', 'ink-2', 'ink-3'].map((over) => [over, 'raised'] as const),
  ...['ok', 'warn', 'bad', 'work', 'unknown'].map((over) => [over, 'surface'] as const),
  ...['ink', 'ink-2'].flatMap((over) => ['ok-soft', 'bad-soft'].map((under) => [over, under] as const)),
  ['on-flame', 'flame'],
]

/** Signs, bars and borders that must be visible to be understood. WCAG 2.2, 1.4.11: at least 3. */
const shapePairs: readonly (readonly [string, string])[] = [
  ['ok', 'surface'],
  ['warn', 'surface'],
  ['bad', 'surface'],
  ['bar-ok', 'surface'],
  ['blind', 'surface'],
  ['edge', 'surface'],
  ['edge', 'ground'],
  ['edge', 'raised'],
  ['flame', 'ground'],
  ['flame', 'raised'],
]

const css = readFileSync(new URL('assets/status.css', import.meta.url), 'utf8')
const [day = '', night = ''] = css.split('@media (prefers-color-scheme: dark)').map((part) => part.split('\n}\n')[0] ?? '')

function tokensOf(text: string): ReadonlyMap<string, string> {
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
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

for (const [theme, tokens] of [
  ['day', tokensOf(day)],
  ['night', tokensOf(night)],
] as const) {
  test(`[A11Y] every pair of colours of the status page is legible: ${theme}`, () => {
    const color = (name: string): string => tokens.get(name) ?? assert.fail(`no token ${name}`)
    const weak: string[] = []
    for (const [pairs, least] of [
      [textPairs, 4.5],
      [shapePairs, 3],
    ] as const) {
      for (const [over, under] of pairs) {
        const found = contrast(color(over), color(under))
        if (found < least) weak.push(`${over} on ${under}: ${found.toFixed(2)} < ${least}`)
      }
    }
    assert.deepEqual(weak, [])
  })
}

test('[A11Y] the contrast formula gives the known extremes', () => {
  assert.equal(contrast('#000000', '#ffffff').toFixed(2), '21.00')
  assert.equal(contrast('#777777', '#ffffff').toFixed(2), '4.48')
})
