import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Incident } from '../incident/incident.ts'
import { feedsOf } from './feeds.ts'
import { calendarOf, LANGUAGES, type Language } from './numbers.ts'
import { formulaPage, historyPage, incidentPage } from './page-history.ts'
import { atRoot, missingPage } from './page-missing.ts'
import { nowPage } from './page-now.ts'
import type { Snapshot } from './snapshot.ts'
import { statusDocument } from './status-document.ts'
import { incidentPath } from './timeline.ts'
import { apiDocuments } from './statuspage.ts'
import { documentOf, pathOf, viewOf, type PageOptions } from './view.ts'

/** One published file. */
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
}

const encoder = new TextEncoder()

function fileOf(path: string, text: string): PublishedFile {
  const body = encoder.encode(text)
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  return { body, type, hash: createHash('sha256').update(body).digest('hex') }
}

/** Style, script and logo: they do not change while the program runs. */
const ASSETS: Files = new Map(
  ['status.css', 'status.js', 'mark.svg'].map((name) => [name, fileOf(name, readFileSync(new URL(`assets/${name}`, import.meta.url), 'utf8'))]),
)

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
    ]
    for (const [path, document] of apiDocuments({ snapshot, stale, language: options.apiLanguage })) documents.push([path, JSON.stringify(document)])
    for (const [path, text] of documents) files.set(path, fileOf(path, text))
    for (const language of LANGUAGES) {
      const view = viewOf(snapshot, options, language, stale, 0)
      const pages = [formulaPage(view), historyPage(view), nowPage(view)].map((page) => ({ view, page }))
      for (const each of [{ view: atRoot(view), page: missingPage(view) }, ...pages]) {
        const path = pathOf(language, each.page.path)
        files.set(path, fileOf(path, documentOf(each.view, each.page)))
      }
    }
    return files
  }
}
