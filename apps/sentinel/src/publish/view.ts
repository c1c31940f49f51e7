import { html } from 'ghtml'
import type { Text } from '../vocabulary/incident.ts'
import { headlineOf, STALE_AFTER_MS, type Headline, type Mood } from './headline.ts'
import { MARK } from './icons.ts'
import { calendarOf, LANGUAGES, type Calendar, type Language } from '../vocabulary/numbers.ts'
import type { Snapshot } from '../present/snapshot.ts'

/** The operator's settings, as far as the pages show them. */
export interface PageOptions {
  /** Where the e-mail form is sent, such as `/subscribe`. Null while e-mail is off. */
  readonly subscribeUrl: string | null
}

/** One page in one language, during rendering. */
export interface View {
  readonly snapshot: Snapshot
  readonly options: PageOptions
  readonly language: Language
  /** The evidence is too old to describe the present [S2]. */
  readonly stale: boolean
  readonly headline: Headline
  readonly calendar: Calendar
  /** From this page to the root of all pages: empty, or some `../`. */
  readonly root: string
  /** From this page to the pages of its language. */
  readonly home: string
}

/** How often a page without a script loads itself again. */
const REFRESH_SECONDS = 15

/**
 * A style sheet that only a running sentinel answers, by the time of measuring. It is in no folder: a page that gets it is shown as the present, and a
 * page of any copy is not [S15].
 */
export function confirmationPath(measuredAt: number): string {
  return `live-${measuredAt}.css`
}

/** Words about the present, and those that replace them until the present is confirmed by the script or the sentinel's server [S15]. */
export function confirmed(tag: 'div' | 'span', present: string, otherwise: string): string {
  return `<${tag} class="present">${present}</${tag}><${tag} class="unconfirmed">${otherwise}</${tag}>`
}

export function say(view: Pick<View, 'language'>, text: Text): string {
  return text[view.language]
}

/** A section under a heading. The parts are already HTML. */
export function section(view: Pick<View, 'language'>, heading: Text, ...parts: readonly string[]): string {
  return html`<section>
    <h2>${say(view, heading)}</h2>
    !${parts.join('')}
  </section>`
}

/** A number with its name and what it means. Value and meaning are already HTML. */
export function fact(view: Pick<View, 'language'>, name: Text, value: string, small: string): string {
  return html`<div>
    <dt>${say(view, name)}</dt>
    <dd><b>!${value}</b><small>!${small}</small></dd>
  </div>`
}

/** A table that opens at a touch. The rows are already HTML. */
export function foldedTable(view: View, summary: Text, head: readonly Text[], rows: readonly string[]): string {
  return html`<details class="days">
    <summary>${say(view, summary)}</summary>
    <table>
      <thead>
        <tr>
          !${head.map((text) => html`<th scope="col">${say(view, text)}</th>`).join('')}
        </tr>
      </thead>
      <tbody>
        !${rows.join('')}
      </tbody>
    </table>
  </details>`
}

export function viewOf(snapshot: Snapshot, options: PageOptions, language: Language, stale: boolean, depth: 0 | 1): View {
  const up = '../'.repeat(depth)
  return {
    snapshot,
    options,
    language,
    stale,
    headline: headlineOf(snapshot, stale),
    calendar: calendarOf(snapshot.timeZone, language),
    root: language === 'ko' ? up : `${up}../`,
    home: up,
  }
}

/**
 * Prevents line breaks that browsers would make although Korean text breaks between words: in words joined by a dot, and between a share and its
 * noun. Uses word joiners, which are invisible and give way where a word is wider than the screen.
 */
function unbroken(body: string): string {
  return body.replaceAll(/(?<=[가-힣])·(?=[가-힣])/g, '\u2060·\u2060').replaceAll(/%(?=[가-힣])/g, '%\u2060')
}

export function pathOf(language: Language, page: string): string {
  return language === 'ko' ? page : `${language}/${page}`
}

export interface Page {
  /** Path within its language, such as history.html. */
  readonly path: string
  readonly title: string
  readonly description: string
  /** Already HTML. */
  readonly body: string
  /** Whether the page describes the present and must therefore say when it grows old [S2]. */
  readonly live: boolean
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { ko: '한국어', en: 'English' }

/** @param aside what stands at the end of the head, such as the age of the data. */
export function documentOf(view: View, page: Page, aside = ''): string {
  const { language, snapshot, root, home } = view
  const other = LANGUAGES.find((each) => each !== language) as Language
  const { measuredAt } = snapshot
  const times = measuredAt === null ? '' : html` data-measured-at="${measuredAt}" data-expires-at="${measuredAt + STALE_AFTER_MS}"`
  const confirmation = measuredAt === null || view.stale ? '' : html`<link rel="stylesheet" href="${root}${confirmationPath(measuredAt)}" />`
  const script = page.live
    ? html`<script src="${root}status.js"></script>
        <noscript><meta http-equiv="refresh" content="${REFRESH_SECONDS}" />!${confirmation}</noscript>`
    : ''
  const here = `${snapshot.pageUrl}/${pathOf(language, page.path)}`
  return html`<!doctype html>
    <html lang="${language}" data-mood="${view.headline.mood}" !${page.live ? times : ''}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="theme-color" content="#f6f3ee" media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content="#0f1219" media="(prefers-color-scheme: dark)" />
        <title>${page.title}</title>
        <meta name="description" content="${page.description}" />
        <link rel="stylesheet" href="${root}status.css" />
        <link rel="icon" type="image/svg+xml" href="${root}mark.svg" />
        <link rel="canonical" href="${here}" />
        <link rel="alternate" hreflang="${other}" href="${snapshot.pageUrl}/${pathOf(other, page.path)}" />
        <link rel="alternate" type="application/atom+xml" title="${snapshot.name}" href="${root}history.atom" />
        <link rel="alternate" type="application/rss+xml" title="${snapshot.name}" href="${root}history.rss" />
        !${script}
      </head>
      <body>
        <a class="skip" href="#main">${say(view, { ko: '본문으로', en: 'Skip to content' })}</a>
        <div class="page wide">
          <header class="top">
            <a class="brand" href="${home}index.html">!${MARK}<b>${say(view, { ko: `${snapshot.name} 상태`, en: `${snapshot.name} status` })}</b></a>
            !${nav(view, page.path)}!${aside}
            <a class="language" lang="${other}" hreflang="${other}" href="${root}${pathOf(other, page.path)}">${LANGUAGE_NAMES[other]}</a>
          </header>
          <main id="main">!${unbroken(page.body)}</main>
          !${footer(view)}
        </div>
      </body>
    </html> `
}

function nav(view: View, here: string): string {
  const links = [
    ['index.html', { ko: '지금', en: 'Now' }],
    ['history.html', { ko: '지난 기록', en: 'History' }],
    ['uptime.html', { ko: '숫자 계산법', en: 'How numbers are made' }],
  ] as const
  const items = links.map(([path, name]) => html`<a href="${view.home}${path}" !${path === here ? 'aria-current="page"' : ''}>${say(view, name)}</a>`)
  return html`<nav aria-label="${say(view, { ko: '페이지', en: 'Pages' })}">!${items.join('')}</nav>`
}

function footer(view: View): string {
  const { snapshot, root, calendar } = view
  const contact = snapshot.contact.trim() === '' ? '' : html`<p>${say(view, { ko: '문의', en: 'Contact' })} !${contactLink(snapshot.contact)}</p>`
  return html`<footer class="foot">
    <p>
      ${say(view, {
        ko: `모든 시각은 ${calendar.zone} 기준입니다. 이 페이지는 메신저와 다른 프로그램이 만들며, 메신저가 멈춰도 열립니다.`,
        en: `All times are ${calendar.zone}. A program of its own makes this page; it opens when the messenger does not.`,
      })}
    </p>
    <p><a href="${root}api/v2/summary.json">${say(view, { ko: '프로그램용 (JSON)', en: 'For programs (JSON)' })}</a></p>
    !${contact}
  </footer>`
}

/** A link for a telephone number or an address; plain text for anything else. */
export function contactLink(contact: string): string {
  const text = contact.trim()
  if (text === '') return '–'
  if (/^\+?[\d][\d -]{5,20}$/.test(text)) return html`<a href="tel:${text.replaceAll(' ', '')}">${text}</a>`
  if (/^[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+$/.test(text)) return html`<a href="mailto:${text}">${text}</a>`
  return html`${text}`
}

export const MOOD_WORDS: Readonly<Record<Mood, Text>> = {
  well: { ko: '정상', en: 'Working' },
  slow: { ko: '느림', en: 'Degraded' },
  bad: { ko: '장애', en: 'Outage' },
  maintenance: { ko: '점검 중', en: 'Maintenance' },
  unknown: { ko: '알 수 없음', en: 'Unknown' },
  lost: { ko: '연락 끊김', en: 'No contact' },
  waiting: { ko: '준비 중', en: 'Starting' },
}
