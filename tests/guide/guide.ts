import { CLOSE_CODES, LIMITS, REFUSALS } from '@bongsu/protocol'

export const GUIDE = 'docs/guide/write-a-client.md'

/** The parts of the guide that are written by a program: between `<!-- transcript: NAME -->` or `<!-- table: NAME -->` and `<!-- end -->`. */
const PART = /<!-- (transcript|table): ([a-z-]+) -->\n[\s\S]*?<!-- end -->/g

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function tables(): ReadonlyMap<string, string> {
  return new Map([
    [
      'refusals',
      table(
        ['code', 'status', 'retry', 'meaning'],
        Object.entries(REFUSALS).map(([code, { status, retry, about }]) => [`\`${code}\``, String(status), retry, about]),
      ),
    ],
    [
      'close-codes',
      table(
        ['code', 'meaning'],
        Object.values(CLOSE_CODES).map(({ code, about }) => [String(code), about]),
      ),
    ],
    [
      'limits',
      table(
        ['limit', 'value'],
        Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, value.toLocaleString('en')]),
      ),
    ],
  ])
}

/** @returns the guide with its written parts put in. */
export function fillGuide(markdown: string, transcripts: ReadonlyMap<string, string>): string {
  const fenced = (text: string): string => `\`\`\`text\n${text}\n\`\`\``
  return markdown.replaceAll(PART, (_, kind: string, name: string) => {
    const transcript = transcripts.get(name)
    const text = kind === 'table' ? tables().get(name) : transcript === undefined ? undefined : fenced(transcript)
    if (text === undefined) throw new Error(`There is no ${kind} named ${name}.`)
    return `<!-- ${kind}: ${name} -->\n\n${text}\n\n<!-- end -->`
  })
}

/** Names of the transcripts that the guide shows. */
export function shownIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(PART)].flatMap(([, kind, name = '']) => (kind === 'transcript' ? [name] : []))
}
