import { Marked, type Tokens } from 'marked'
import { escape, idOf, linkRules, table, type Heading } from './html.ts'

export interface Rendered {
  readonly html: string
  /** Headings below the title. */
  readonly headings: readonly Heading[]
}

/** Where a link of a document leads on a server: an address, or null when its target is not served. */
export type LinkTo = (href: string) => string | null

/** A line of a transcript says who speaks. */
const SPEAKERS: readonly (readonly [start: string, name: string])[] = [
  ['→ ', 'up'],
  ['← ', 'down'],
  ['  # ', 'note'],
]

function transcript(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const name = SPEAKERS.find(([start]) => line.startsWith(start))?.[1]
      return name === undefined ? escape(line) : `<span class="${name}">${escape(line)}</span>`
    })
    .join('\n')
}

/** A place that is found by the id of a rule alone, where a heading or an aim begins with one. */
function ruleAnchor(text: string): string {
  const rule = /^[A-Z]\d+(?= [A-Z])/.exec(text)?.[0]
  return rule === undefined ? '' : `<span id="${rule}"></span>`
}

/** One of our own documents as HTML. HTML inside the document is left out. */
export function renderMarkdown(source: string, linkTo: LinkTo): Rendered {
  const headings: Heading[] = []
  const taken = new Map<string, number>()
  const marked = new Marked({
    renderer: {
      html: () => '',
      heading({ tokens, depth, text }) {
        const id = idOf(text, taken)
        const html = this.parser.parseInline(tokens)
        if (depth > 1) headings.push({ level: depth, id, text: html.replaceAll(/<\/?a[^>]*>/g, '') })
        return `<h${depth} id="${escape(id)}">${ruleAnchor(text)}${html}</h${depth}>\n`
      },
      listitem({ text, tokens }) {
        return `<li>${ruleAnchor(text)}${this.parser.parse(tokens)}</li>\n`
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        const to = linkTo(href)
        return to === null ? text : `<a href="${escape(to)}">${text}</a>`
      },
      text(token) {
        if ('tokens' in token && token.tokens !== undefined) return this.parser.parseInline(token.tokens)
        return linkRules('escaped' in token && token.escaped ? token.text : escape(token.text))
      },
      image: ({ text }) => escape(text),
      code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${transcript(text)}</code></pre>\n`,
      table({ header, rows }) {
        const cells = (row: readonly Tokens.TableCell[]): string[] => row.map(({ tokens }) => this.parser.parseInline(tokens))
        return table(cells(header), rows.map(cells))
      },
    },
  })
  return { html: marked.parse(source, { async: false }), headings }
}
