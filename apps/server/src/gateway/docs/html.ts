const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (found) => ENTITIES[found] ?? '')
}

/** Ids of rules in brackets become links to the rules: `[M2]`, `[D7, A4]`. @param html without links. */
export function linkRules(html: string): string {
  return html.replaceAll(/\[[A-Z]\d+(?:[,-] ?[A-Z]\d+)*\]/g, (ids) => ids.replaceAll(/[A-Z]\d+/g, '<a href="/docs/spec#$&">$&</a>'))
}

/** Text with `code` in backquotes. */
export function prose(text: string): string {
  return linkRules(escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>'))
}

/** A table whose cells are HTML. The first cell of a row is its head. It scrolls sideways where it is too wide. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const headCells = head.map((cell) => `<th scope="col">${cell}</th>`).join('')
  // Narrow screens show the name of the column beside each value.
  const labels = head.map((name) => name.replaceAll(/<[^>]*>/g, ''))
  const cellOf = (content: string, index: number): string => `<td data-label="${labels[index + 1] ?? ''}">${content}</td>`
  const bodyRows = rows.map(([first = '', ...rest]) => `<tr><th scope="row">${first}</th>${rest.map(cellOf).join('')}</tr>`)
  return `<div class="wide" tabindex="0" role="group"><table><thead><tr>${headCells}</tr></thead><tbody>${bodyRows.join('\n')}</tbody></table></div>`
}

export interface Heading {
  readonly level: number
  readonly id: string
  /** As HTML. */
  readonly text: string
}

/** The id that a heading gets on code hosts, so that links between headings work in both places. */
export function idOf(heading: string, taken: Map<string, number>): string {
  const plain = heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
  const before = taken.get(plain) ?? 0
  taken.set(plain, before + 1)
  return before === 0 ? plain : `${plain}-${before}`
}

export interface Page {
  readonly title: string
  readonly path: string
  readonly body: string
  readonly headings: readonly Heading[]
}

const PAGES: readonly (readonly [path: string, name: string])[] = [
  ['/docs', 'Reference'],
  ['/docs/guide', 'Guide'],
  ['/docs/conformance', 'Test kit'],
  ['/docs/spec', 'Rules'],
]

const MARK =
  '<svg class="mark" viewBox="0 0 64 64" aria-hidden="true"><path d="M20 54l3.400-20h17.200L44 54z"/><path d="M20.500 34.500h23v-5.500h-4.500v2.500h-5v-2.500h-4v2.500h-5v-2.500h-4.500z"/><path class="flame" d="M32 8c1.400 5.300 7.700 7.600 7.700 13.300 0 4.200-3.400 7.200-7.700 7.200s-7.700-3-7.700-7.200c0-3 2-4.800 3-7.300.7 1.700 1.500 2.600 2.600 3.200C29.600 14 30.600 10.800 32 8z"/></svg>'

/** A whole page. It needs no script. */
export function layout({ title, path, body, headings }: Page, version: string): string {
  const pages = PAGES.map(([to, name]) => `<a href="${to}"${to === path ? ' aria-current="page"' : ''}>${name}</a>`).join('')
  const contents = headings.map(({ level, id, text }) => `<li class="level-${level}"><a href="#${escape(id)}">${text}</a></li>`).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(title)} · 봉수</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header><a class="brand" href="/docs">${MARK}<b lang="ko">봉수</b> <span>for authors of clients</span></a><nav aria-label="Documents">${pages}</nav></header>
<div class="columns">
<details class="contents"><summary>On this page</summary><nav aria-label="On this page"><ol>${contents}</ol></nav></details>
<main id="content">
${body}
</main>
</div>
<footer>Bongsu ${escape(version)}</footer>
</body>
</html>
`
}
