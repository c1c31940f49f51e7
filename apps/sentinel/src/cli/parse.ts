import { parseArgs, type ParseArgsConfig } from 'node:util'
import { ACTS, FIELDS, type Act } from '../acts/acts.ts'

type Options = NonNullable<ParseArgsConfig['options']>

const word = { type: 'string' } as const
const words = { type: 'string', multiple: true } as const
const mark = { type: 'boolean' } as const

const LIST: Options = { data: word, all: mark, json: mark, help: mark }
const DATA: Options = { data: word, help: mark }

/** The options of each command. Anything else is reported, never ignored. */
const COMMANDS: Readonly<Record<string, Options>> = {
  ...Object.fromEntries(Object.values<Act>(ACTS).map((act) => [`${act.area} ${act.name}`, optionsOf(act)])),
  'incident list': LIST,
  'incident publish': DATA,
  'maintenance list': LIST,
  'operator list': DATA,
  'operator add': { ...DATA, role: word },
  'operator remove': DATA,
  'operator role': DATA,
  'record verify': { data: word, file: word, known: words, help: mark },
  'record export': { data: word, from: word, to: word, out: word, help: mark },
}

function optionsOf(act: Act): Options {
  const flags = act.fields.flatMap((name) => FIELDS[name].flags.map((flag) => [flag, flag === 'component' ? words : word] as const))
  return { ...Object.fromEntries(flags), ...DATA, new: mark, by: word, publish: mark, ...(act.tells ? { quiet: mark } : { notify: mark }) }
}

export interface Parsed {
  readonly area: string
  readonly command: string
  /** Arguments without a flag: an id or a name, and what follows it. */
  readonly id: string | undefined
  readonly more?: string | undefined
  readonly flags: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
}

/** @returns a sentence when the command is not understood. */
export function parseCommand(args: readonly string[]): Parsed | string {
  const [area = '', command = ''] = args
  if (args.includes('--help') || args.includes('-h')) return { area, command, id: undefined, flags: { help: true } }
  const options = COMMANDS[`${area} ${command}`]
  if (options === undefined) return `There is no "${[area, command].join(' ').trim()}".`
  try {
    const { values, positionals } = parseArgs({ args: args.slice(2), options, allowPositionals: true, strict: true })
    const takes = command === 'role' ? 2 : /^(?:update|resolve|correct|start|complete|add|remove)$/.test(command) ? 1 : 0
    const surplus = positionals.slice(takes)
    if (surplus.length > 0) return `"${surplus.join(' ')}" is unexpected. Put texts with spaces in quotes.`
    return { area, command, id: positionals[0], more: positionals[1], flags: values }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What was typed, under the names of the fields. */
export function valuesOf({ flags }: Parsed): URLSearchParams {
  const values = new URLSearchParams()
  for (const [name, value] of Object.entries(flags))
    for (const each of Array.isArray(value) ? value : [value]) if (typeof each === 'string') values.append(name, each)
  if (flags['quiet'] === true || flags['notify'] === true) values.set('notify', flags['quiet'] === true ? 'no' : 'yes')
  return values
}
