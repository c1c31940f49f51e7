import type { Plot } from './report.ts'

/** A plot is drawn this wide, in px of its own; whoever shows it scales it. */
const WIDTH = 720
const LEFT = 16
const RIGHT = 16
const TITLE = 44

/** Readable by day and by night, whatever page it stands on: it brings its own ground. */
const STYLE = `
  svg { color-scheme: light dark; --ground: #fffdfa; --ink: #2b2a33; --soft: #6d6a75; --line: #dcd7cf; --ours: #d9480f; --theirs: #98a2b3 }
  @media (prefers-color-scheme: dark) { svg { --ground: #151924; --ink: #eceaf2; --soft: #a4a2b0; --line: #343a4a; --ours: #ff8a4c; --theirs: #66708a } }
  text { font: 14px system-ui, 'Noto Sans KR', sans-serif; fill: var(--ink) }
  .title { font-size: 16px; font-weight: 600 } .soft { fill: var(--soft); font-size: 12px } .end { text-anchor: end } .middle { text-anchor: middle }
  .ground { fill: var(--ground) } .ours { fill: var(--ours) } .theirs { fill: var(--theirs) }
  .way { fill: none; stroke: var(--ours); stroke-width: 2.5; stroke-linejoin: round } .grid { stroke: var(--line) }`

/** @returns a whole SVG document, the same for the same figures. */
export function svgOf(plot: Plot): string {
  const { height, body } = plot.kind === 'bars' ? bars(plot) : line(plot)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(plot.title)}">
<title>${escape(plot.title)}</title>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
<text class="title" x="${LEFT}" y="28">${escape(plot.title)}</text>
${body.join('\n')}
</svg>
`
}

const ROW = 30
const LABEL = 210
const VALUE = 96

function bars({ bars: all, unit }: Plot & { kind: 'bars' }): { height: number; body: string[] } {
  const most = Math.max(...all.map(({ value }) => value), Number.MIN_VALUE)
  const room = WIDTH - LEFT - LABEL - VALUE - RIGHT
  const body = all.flatMap(({ label, value, ours }, index) => {
    const y = TITLE + index * ROW
    const width = Math.max(1, (value / most) * room)
    return [
      `<text class="end" x="${LEFT + LABEL - 10}" y="${y + 19}">${escape(label)}</text>`,
      `<rect class="${ours ? 'ours' : 'theirs'}" x="${LEFT + LABEL}" y="${y + 4}" width="${width.toFixed(1)}" height="${ROW - 10}" rx="2"/>`,
      `<text x="${(LEFT + LABEL + width + 8).toFixed(1)}" y="${y + 19}">${escape(`${short(value)} ${unit}`.trim())}</text>`,
    ]
  })
  return { height: TITLE + all.length * ROW + 10, body }
}

const PLOT_HEIGHT = 240
const AXIS = 44

function line({ points, x, y }: Plot & { kind: 'line' }): { height: number; body: string[] } {
  const [xMost, yMost] = [ceiling(Math.max(...points.map(([at]) => at), 0)), ceiling(Math.max(...points.map(([, value]) => value), 0))]
  const room = WIDTH - LEFT - AXIS - RIGHT - 8
  const px = (at: number): string => (LEFT + AXIS + (at / xMost) * room).toFixed(1)
  const py = (value: number): string => (TITLE + 16 + (1 - value / yMost) * PLOT_HEIGHT).toFixed(1)
  const ticks = [0, 0.25, 0.5, 0.75, 1]
  const height = TITLE + 16 + PLOT_HEIGHT + 48
  return {
    height,
    body: [
      ...ticks.flatMap((part) => [
        `<line class="grid" x1="${px(0)}" x2="${px(xMost)}" y1="${py(part * yMost)}" y2="${py(part * yMost)}"/>`,
        `<text class="soft end" x="${LEFT + AXIS - 8}" y="${Number(py(part * yMost)) + 4}">${short(part * yMost)}</text>`,
        `<text class="soft middle" x="${px(part * xMost)}" y="${height - 30}">${short(part * xMost)}</text>`,
      ]),
      `<text class="soft" x="${LEFT}" y="${TITLE + 4}">${escape(y)}</text>`,
      `<text class="soft middle" x="${px(xMost / 2)}" y="${height - 10}">${escape(x)}</text>`,
      `<polyline class="way" points="${points.map(([at, value]) => `${px(at)},${py(value)}`).join(' ')}"/>`,
    ],
  }
}

/** The next round number up: 1, 2, 2.5, 4, 5 or 8 times a power of ten, whose quarters are short. */
export function ceiling(value: number): number {
  if (!(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 2.5, 4, 5, 8, 10].map((step) => step * power).find((step) => step >= value * 0.999_999) ?? value
}

function short(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
