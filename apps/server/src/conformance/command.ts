import { runKit, TRIALS, type KitResult, type TrialResult } from './run-kit.ts'

const HELP = `npx bongsu conformance [--json] [--only NAME]… -- COMMAND [ARGUMENT…]   test a client program

Starts COMMAND, a client that reads commands from its standard input, against a server of its own, and causes trouble between them.
docs/guide/conformance.md describes the commands.

--json       one JSON object instead of a table
--only NAME  only trials with this word in their name; may be given several times
--list       the trials, and the promises of SPEC.md that each one tests
--help       this text

Exit codes: 0 every claimed promise is kept; 1 one is broken; 64 the command was not understood.
`

const EXIT_USAGE = 64
/** Most faults of one promise that the table shows. */
const faultsShownMax = 5

export interface Screen {
  out(text: string): void
  note(text: string): void
}

/** `npx bongsu conformance`. @returns the exit code. */
export async function conformance(args: readonly string[], env: Readonly<Record<string, string | undefined>>, screen: Screen): Promise<number> {
  const end = args.indexOf('--')
  const [options, command] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
  const only: string[] = []
  let isJson = false
  for (let index = 0; index < options.length; index++) {
    const option = options[index]
    if (option === '--help' || option === '-h') return shown(screen, HELP)
    if (option === '--list') return shown(screen, TRIALS.map(({ name, promises, about }) => `${name} [${promises.join(', ')}]\n    ${about}\n`).join(''))
    const name = option === '--only' ? options[++index] : undefined
    if (name !== undefined) only.push(name)
    else if (option === '--json') isJson = true
    else return misunderstood(screen)
  }
  const trials = TRIALS.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)))
  if (command.length === 0 || trials.length === 0) return misunderstood(screen)
  const result = await runKit({ program: { command, env }, trials, told: (one) => screen.note(trialLine(one)) })
  screen.out(isJson ? `${JSON.stringify(result, null, 2)}\n` : table(result))
  return result.promises.some(({ outcome }) => outcome === 'broken') ? 1 : 0
}

function shown(screen: Screen, text: string): number {
  screen.out(text)
  return 0
}

function misunderstood(screen: Screen): number {
  screen.note(HELP)
  return EXIT_USAGE
}

function trialLine({ trial, ms, faults }: TrialResult): string {
  return `${faults.length === 0 ? 'good' : 'BAD '} ${trial} (${(ms / 1_000).toFixed(1)} s)\n`
}

function table({ client, claimed, promises }: KitResult): string {
  const lines = promises.flatMap(({ promise, ability, outcome, trials, faults }) => {
    const why = outcome === 'not claimed' ? ` (${ability})` : outcome === 'not tested' ? '' : `, ${trials} trials`
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
