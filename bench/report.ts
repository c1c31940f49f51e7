/** One thing that was measured. */
export interface Figure {
  readonly name: string
  readonly value: number
  /** µs, ms, KB, /s, or '' for a plain number or ratio. */
  readonly unit: string
  /** In the same unit. */
  readonly goal?: { readonly atMost: number } | { readonly below: number } | { readonly atLeast: number }
}

/** A picture of figures, as data. Its file is docs/plots/<name>.svg. */
export type Plot = { readonly name: string; readonly title: string } & (
  | {
      readonly kind: 'bars'
      readonly unit: string
      readonly bars: readonly { readonly label: string; readonly value: number; readonly ours: boolean }[]
    }
  | { readonly kind: 'line'; readonly x: string; readonly y: string; readonly points: readonly (readonly [x: number, y: number])[] }
)

export interface ScenarioResult {
  readonly scenario: string
  /** What was done, in a sentence, with the numbers that matter. */
  readonly about: string
  readonly figures: readonly Figure[]
  /** Tables that say more than single figures can, as Markdown, before them. */
  readonly details?: string
  readonly plots?: readonly Plot[]
  /** Where it is another one than that of the report. */
  readonly durability?: string
}

export interface Report {
  readonly at: string
  readonly machine: string
  readonly commit: string
  readonly command: string
  readonly durability: string
  readonly results: readonly ScenarioResult[]
}

export function meets({ value, goal }: Figure): boolean {
  if (goal === undefined) return true
  if ('atLeast' in goal) return value >= goal.atLeast
  return 'atMost' in goal ? value <= goal.atMost : value < goal.below
}

/** Three digits that mean something; more would be a lie. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toFixed(size >= 10 ? 1 : 2)
}

function goalText(figure: Figure): string {
  const { goal } = figure
  if (goal === undefined) return ''
  const text = 'atLeast' in goal ? `≥ ${round(goal.atLeast)}` : 'atMost' in goal ? `≤ ${round(goal.atMost)}` : `< ${round(goal.below)}`
  return `${text} ${figure.unit}`.trim() + (meets(figure) ? '' : ', **missed**')
}

/** A scenario as Markdown. */
export function tableOf(result: ScenarioResult): string {
  const rows = result.figures.map((figure) => `| ${figure.name} | ${`${round(figure.value)} ${figure.unit}`.trim()} | ${goalText(figure)} |`)
  return [result.about, '', ...(result.details === undefined ? [] : [result.details, '']), '| | measured | goal |', '|---|--:|---|', ...rows].join(
    '\n',
  )
}

function headOf({ at, machine, commit, command, durability }: Report, result?: ScenarioResult): string {
  return `${at} · commit ${commit} · \`${command}\`\n${machine}\n${result?.durability ?? durability}`
}

/** The whole report as text. */
export function textOf(report: Report): string {
  return [headOf(report), ...report.results.map((result) => `\n### ${result.scenario}\n${tableOf(result)}`)].join('\n')
}

/**
 * Puts each result between its markers in a document and leaves all else as it is. A scenario without markers is a slip of whoever
 * wrote the document, and nothing is written then.
 */
export function writeInto(document: string, report: Report): string {
  let text = document
  for (const result of report.results) {
    const [begin, end] = [`<!-- bench:${result.scenario} -->`, `<!-- /bench:${result.scenario} -->`]
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`The document has no place for ${result.scenario}: it needs ${begin} and ${end}.`)
    const head = headOf(report, result).replaceAll('\n', '  \n')
    const plots = (result.plots ?? []).map(({ name, title }) => `\n![${title}](docs/plots/${name}.svg)\n`).join('')
    text = `${text.slice(0, from)}${begin}\n${tableOf(result)}\n${plots}\n${head}\n${text.slice(to)}`
  }
  return text
}
