import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { StatusDocument } from '@bongsu/protocol'
import type { Incident } from '../vocabulary/incident.ts'
import { feedsOf } from './feeds.ts'
import { calendarOf, LANGUAGES, type Language } from '../vocabulary/numbers.ts'
import { atRoot, formulaPage, historyPage, incidentPage, missingPage } from './page-history.ts'
import { ageLine, nowPage } from './page-now.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { apiDocuments, statusDocument } from './statuspage.ts'
import { incidentPath } from './timeline.ts'
import { documentOf, pathOf, viewOf, type PageOptions } from './view.ts'

export interface PublishedFile {
  readonly body: Uint8Array
  /** Media type, with its character set. */
  readonly type: string
  /** SHA-256 of the body in hex, which shows whether the file changed. */
  readonly hash: string
}

/** By path without a leading slash, such as api/v2/summary.json. */
export type Files = ReadonlyMap<string, PublishedFile>

export interface RenderOptions extends PageOptions {
  /** The API has one language. */
  readonly apiLanguage: Language
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  atom: 'application/atom+xml; charset=utf-8',
  rss: 'application/rss+xml; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

const encoder = new TextEncoder()

function fileOf(path: string, text: string): PublishedFile {
  return publishedFile(path, encoder.encode(text))
}

function publishedFile(path: string, body: Uint8Array): PublishedFile {
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  return { body, type, hash: createHash('sha256').update(body).digest('hex') }
}

const readAsset = (name: string): string => readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8')

/**
 * The typeface of the messenger's app, in 92 files by letters, of which a page loads a few. Without the package, as in an installation without
 * development packages, the pages have the reader's own typeface.
 */
function typeface(): { readonly css: string; readonly files: Files } {
  try {
    const folder = new URL('./', import.meta.resolve('pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css'))
    const css = readFileSync(new URL('pretendardvariable-dynamic-subset.css', folder), 'utf8')
    const files = new Map<string, PublishedFile>()
    const moved = css.replaceAll(/url\(\.\/(woff2-dynamic-subset\/([\w.]+))\)/g, (_all, path: string, name: string) => {
      files.set(`font/${name}`, publishedFile('font.woff2', new Uint8Array(readFileSync(new URL(path, folder)))))
      return `url(font/${name})`
    })
    return { css: `${moved}\n`, files }
  } catch {
    return { css: '', files: new Map() }
  }
}

/** Style, script, logo and typeface: they do not change while the program runs. */
const TYPEFACE = typeface()
const ASSETS: Files = new Map([
  ...TYPEFACE.files,
  ['status.css', fileOf('status.css', TYPEFACE.css + readAsset('status.css'))],
  ...['status.js', 'mark.svg'].map((name) => [name, fileOf(name, readAsset(name))] as const),
])

/** What the sentinel's own server answers for each page that is of the present. See `confirmationPath`. */
export const CONFIRMATION: PublishedFile = fileOf('live.css', readAsset('live.css'))

/** `status.json` as the sentinel's own server answers it: devices may tell it something [F7]. */
export function hearing(document: StatusDocument): PublishedFile {
  return fileOf('status.json', JSON.stringify({ ...document, hears: true } satisfies StatusDocument))
}

/** Rendered incident pages are cached: most never change again, and there may be many. */
const KEPT_MAX = 2_000

/** Renders all public documents of a snapshot. The same snapshot gives the same bytes. */
export type Render = (snapshot: Snapshot, stale: boolean) => Files

export function createRender(options: RenderOptions): Render {
  const kept = new Map<string, PublishedFile>()

  function incidentFile(snapshot: Snapshot, incident: Incident, language: Language): PublishedFile {
    const { name, pageUrl, contact, timeZone } = snapshot
    const path = pathOf(language, incidentPath(incident.incidentId))
    // A time on the day of rendering is written without its date, so the day is part of the cache key.
    const day = calendarOf(timeZone, language).isoDay(snapshot.madeAt)
    const key = createHash('sha256')
      .update(JSON.stringify([path, incident, name, pageUrl, contact, timeZone, day]))
      .digest('base64')
    const view = viewOf(snapshot, options, language, false, 1)
    const file = kept.get(key) ?? fileOf(path, documentOf(view, incidentPage(view, incident)))
    kept.delete(key)
    kept.set(key, file)
    const oldest = kept.keys().next().value
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest)
    return file
  }

  return (snapshot, stale) => {
    const files = new Map<string, PublishedFile>(ASSETS)
    // Linked files come before the files that link to them: whoever writes the files in this order never shows a dead link.
    for (const language of LANGUAGES) {
      for (const incident of snapshot.incidents)
        files.set(pathOf(language, incidentPath(incident.incidentId)), incidentFile(snapshot, incident, language))
    }
    const feeds = feedsOf(snapshot, options.apiLanguage)
    const documents: (readonly [string, string])[] = [
      ['status.json', JSON.stringify(statusDocument(snapshot, stale))],
      ['history.atom', feeds.atom],
      ['history.rss', feeds.rss],
      ['history.json', feeds.json],
    ]
    for (const [path, document] of apiDocuments({ snapshot, stale, language: options.apiLanguage })) documents.push([path, JSON.stringify(document)])
    for (const [path, text] of documents) files.set(path, fileOf(path, text))
    for (const language of LANGUAGES) {
      const view = viewOf(snapshot, options, language, stale, 0)
      const pages = [formulaPage(view), historyPage(view), nowPage(view)].map((page) => ({ view, page }))
      for (const each of [{ view: atRoot(view), page: missingPage(view) }, ...pages]) {
        const path = pathOf(language, each.page.path)
        files.set(path, fileOf(path, documentOf(each.view, each.page, each.page.live ? ageLine(each.view) : '')))
      }
    }
    return files
  }
}
