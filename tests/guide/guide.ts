import { closeCodeTable, refusalTable, wireLimits } from '@bongsu/protocol/code-tables'
import { readConfig } from '../../apps/server/src/config.ts'
import { serverLimits } from '../../apps/server/src/gateway/docs/server-limits.ts'

export const GUIDE = 'docs/guide/write-a-client.md'

/** The parts of the guide that are written by a program: between `<!-- transcript: NAME -->` or `<!-- table: NAME -->` and `<!-- end -->`. */
const PART = /<!-- (transcript|table): ([a-z-]+) -->\n[\s\S]*?<!-- end -->/g

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** The limits that a client meets most. The others are on the pages of the server. */
const SHOWN: ReadonlySet<string> = new Set([
  'textCodePointsMax',
  'upFrameBytesMax',
  'httpBodyBytesMax',
  'titleCodePointsMax',
  'entriesPerPageMax',
  'backfillEntriesMax',
  'backfillItemsMax',
  'auditEntriesMax',
  'watchEntriesMax',
  'membersMax',
  'inviteesPerEntryMax',
  'conversationsPerAccountMax',
  'devicesPerAccountMax',
  'heartbeatMs',
  'helloMs',
  'hellosPerDeviceBurst',
  'helloPerDeviceMs',
  'framesPerSecond',
  'framesBurst',
  'sendsInFlightMax',
  'badFramesMax',
  'auditsPerSecond',
  'auditsBurst',
  'requestsPerMinute',
  'openRequestsPerMinute',
  'signInFailuresPerHandle',
  'signInFailuresPerAddress',
  'signInWindowMs',
  'tokenValidMs',
  'tokenRenewMs',
])

function tables(): ReadonlyMap<string, string> {
  const defaults = readConfig({})
  if (!defaults.ok) throw new Error(defaults.problems.join(' '))
  const limits = [...wireLimits(), ...serverLimits(defaults.config)].filter(({ name }) => SHOWN.has(name))
  if (limits.length !== SHOWN.size) throw new Error('The guide shows a limit that does not exist.')
  return new Map([
    [
      'refusals',
      table(
        ['code', 'status', 'retry', 'meaning', 'what to do'],
        refusalTable().map(({ code, status, retry, about, advice }) => [`\`${code}\``, String(status), retry, about, advice]),
      ),
    ],
    [
      'close-codes',
      table(
        ['code', 'meaning', 'what to do'],
        closeCodeTable().map(({ code, about, advice }) => [String(code), about, advice]),
      ),
    ],
    [
      'limits',
      table(
        ['limit', 'value', 'meaning'],
        limits.map(({ name, value, unit, about }) => [`\`${name}\``, `${value.toLocaleString('en')} ${unit}`, about]),
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
