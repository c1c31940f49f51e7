import type { ServerPrograms } from './own-server.ts'
import { OwnTrouble } from './until.ts'
import { runKit, TRIALS, type KitResult, type TrialResult } from './run-kit.ts'

const HELP = `npx bongsu conformance [--json] [--only NAME]… -- COMMAND [ARGUMENT…]   test a client program

Starts COMMAND, a client that reads commands from its standard input, against a server of its own, and causes trouble between them.
docs/guide/conformance.md describes the commands.

--json       one JSON object instead of a table
--only NAME  only trials with this word in their name; may be given several times
--list       the trials, and the promises of SPEC.md that each one tests
--help       this text

Exit codes: 0 every claimed promise is kept; 1 one is broken; 64 the command was not understood;
70 the kit itself failed, and says nothing about the client.
`

const EXIT_USAGE = 64
/** An error of this program (EX_SOFTWARE of sysexits.h). */
const EXIT_OWN_TROUBLE = 70
/** Most faults of one promise that the table shows. */
const faultsShownMax = 5

export interface Surroundings {
  readonly programs: ServerPrograms
  readonly env: Readonly<Record<string, string | undefined>>
  out(text: string): void
  note(text: string): void
}

/** `npx bongsu conformance`. @returns the exit code. */
export async function conformance(args: readonly string[], around: Surroundings): Promise<number> {
  const end = args.indexOf('--')
  const [options, command] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
  const only: string[] = []
  let isJson = false
  for (let index = 0; index < options.length; index++) {
    const option = options[index]
    if (option === '--help' || option === '-h') return shown(around, HELP)
    if (option === '--list')
      return shown(around, TRIALS.map(({ name, promises, about }) => `${name} [${promises.join(', ')}]\n    ${about}\n`).join(''))
    const name = option === '--only' ? options[++index] : undefined
    if (name !== undefined) only.push(name)
    else if (option === '--json') isJson = true
    else return misunderstood(around)
  }
  const trials = TRIALS.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)))
  if (command.length === 0 || trials.length === 0) return misunderstood(around)
  try {
    const program = { command, env: around.env }
    const result = await runKit({ programs: around.programs, program, trials, told: (one) => around.note(trialLine(one)) })
    around.out(isJson ? `${JSON.stringify(result, null, 2)}\n` : table(result))
    return result.promises.some(({ outcome }) => outcome === 'broken') ? 1 : 0
  } catch (cause) {
    if (!(cause instanceof OwnTrouble)) throw cause
    around.note(`The client was not judged: ${cause.message}\n`)
    return EXIT_OWN_TROUBLE
  }
}

function shown(around: Surroundings, text: string): number {
  around.out(text)
  return 0
}

function misunderstood(around: Surroundings): number {
  around.note(HELP)
  return EXIT_USAGE
}

function trialLine({ trial, ms, faults }: TrialResult): string {
  return `${faults.length === 0 ? 'good' : 'BAD '} ${trial} (${(ms / 1_000).toFixed(1)} s)\n`
}

function table({ client, claimed, promises }: KitResult): string {
  const lines = promises.flatMap(({ promise, ability, outcome, trials, faults }) => {
    const why = outcome === 'not claimed' ? ` (${ability})` : trials === 0 ? '' : trials === 1 ? ', in 1 trial' : `, in ${trials} trials`
    const more = faults.length > faultsShownMax ? [`         … and ${faults.length - faultsShownMax} more`] : []
    return [`  ${promise.padEnd(4)} ${outcome}${why}`, ...faults.slice(0, faultsShownMax).map((fault) => `         ${fault}`), ...more]
  })
  const count = (wanted: string): number => promises.filter(({ outcome }) => outcome === wanted).length
  const abilities = claimed.filter((ability) => ability !== 'always')
  return [
    '',
    `${client} claims: ${abilities.length === 0 ? 'nothing beyond what every client owes' : abilities.join(', ')}`,
    '',
    ...lines,
    '',
    `${count('kept')} promises kept, ${count('broken')} broken, ${count('not claimed')} not claimed, ${count('not tested')} not tested`,
    '',
  ].join('\n')
}
