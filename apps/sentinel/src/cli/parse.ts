import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Flags } from './values.ts'

type Options = NonNullable<ParseArgsConfig['options']>

const word = { type: 'string' } as const
const words = { type: 'string', multiple: true } as const
const mark = { type: 'boolean' } as const

const COMMON: Options = { data: word, new: mark, by: word, quiet: mark, publish: mark, help: mark }
const BODY: Options = { ...COMMON, 'body-ko': word, 'body-en': word }
const TITLE: Options = { ...BODY, 'title-ko': word, 'title-en': word }
const INCIDENT: Options = {
  ...TITLE,
  component: words,
  impact: word,
  status: word,
  started: word,
  detected: word,
  ended: word,
  share: word,
  'share-range': word,
}
const LIST: Options = { data: word, all: mark, json: mark, help: mark }

/** The options of each command. Anything else is reported, never ignored. */
const COMMANDS: Readonly<Record<string, Options>> = {
  'incident open': INCIDENT,
  'incident update': INCIDENT,
  'incident resolve': INCIDENT,
  'incident correct': { ...INCIDENT, 'why-ko': word, 'why-en': word, notify: mark },
  'incident list': LIST,
  'incident publish': { data: word, help: mark },
  'maintenance schedule': { ...TITLE, component: words, from: word, until: word },
  'maintenance update': { ...TITLE, component: words, from: word, until: word },
  'maintenance start': BODY,
  'maintenance complete': BODY,
  'maintenance list': LIST,
  'record verify': { data: word, file: word, known: words, help: mark },
  'record export': { data: word, from: word, to: word, format: word, out: word, help: mark },
}

export interface Parsed {
  readonly area: string
  readonly command: string
  /** The argument without a flag: an id. */
  readonly id: string | undefined
  readonly flags: Flags
}

/** @returns a sentence when the command is not understood. */
export function parseCommand(args: readonly string[]): Parsed | string {
  const [area = '', command = ''] = args
  if (args.includes('--help') || args.includes('-h')) return { area, command, id: undefined, flags: { help: true } }
  const options = COMMANDS[`${area} ${command}`]
  if (options === undefined) return `There is no "${[area, command].join(' ').trim()}".`
  try {
    const { values, positionals } = parseArgs({ args: args.slice(2), options, allowPositionals: true, strict: true })
    const takesId = /^(?:update|resolve|correct|start|complete)$/.test(command)
    const surplus = positionals.slice(takesId ? 1 : 0)
    if (surplus.length > 0) return `"${surplus.join(' ')}" is unexpected. Put texts with spaces in quotes.`
    return { area, command, id: positionals[0], flags: values }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
