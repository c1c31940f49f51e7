import { ACTS, FIELDS, type Act, type FieldName } from '../acts/acts.ts'

const DATA = '--data DIR        folder of the record; BONGSU_STATUS_DATA when left out, else ./sentinel-data'

const COMMON = `${DATA}
--new             start a new record when the folder has none
--by NAME         name of the author, public; your user name on this machine when left out, and operator for root
--quiet           do not notify subscribers
--notify          correct: notify subscribers, who otherwise get no notice of corrections
--publish         make the pages with this command, even if a sentinel seems to run
--help            this text`

const CODES = `Exit codes: 0 done; 1 not done, for the reason printed; 3 recorded, but not published on all pages; 64 the command was not understood.`

const TIMES = `Times: 10:54, "2026-11-22 10:54", 2026-11-22T10:54:00+09:00, or now. A time without an offset is in the time zone of the page.`

function helpOf(area: Act['area'], about: string, more: readonly string[]): string {
  const acts = Object.values<Act>(ACTS).filter((act) => act.area === area)
  const fields = [...new Set(acts.flatMap((act): readonly FieldName[] => act.fields))]
  return `${about}

${[...acts.map(({ name, usage }) => `npx bongsu ${area} ${name} ${usage}`), `npx bongsu ${area} list [--all] [--json]`, ...more].join('\n')}

ID                as shown by list; the first characters are enough; may be left out while one ${area} is going on
${fields.map((name) => FIELDS[name].help).join('\n')}
${COMMON}

${TIMES}
${CODES}
`
}

export const INCIDENT_HELP = helpOf(
  'incident',
  'Publishes statements about an incident. Needs only the folder of the record, works while everything else is down, and may run beside a\nsentinel.',
  ['npx bongsu incident publish  make the pages again from the record'],
)

export const MAINTENANCE_HELP = helpOf(
  'maintenance',
  'Announces maintenance, and states when it starts and ends. Needs only the folder of the record.',
  [],
)

export const RECORD_HELP = `Checks or exports the record of observations and statements. Changes nothing, and may run beside a sentinel.

npx bongsu record verify [--data DIR | --file FILE] [--known SEQ:HASH]…
                  check the hash chain, and compute every published number again from stored entries. Prints the newest place and its hash:
                  note them elsewhere and pass them to a later run with --known. Only they reveal a record that was recreated
                  completely or cut at its end
npx bongsu record export [--from TIME] [--to TIME] [--out FILE]
                  all entries as JSON, one a line

${DATA}
--file FILE       a record.db, or an exported file
--known SEQ:HASH  a place and its hash, noted earlier; may be repeated
--help            this text

${TIMES}
Exit codes: 0 sound, or exported; 1 damaged, or not done, for the reason printed; 64 the command was not understood.
`

export const PEOPLE_HELP = `Manages the operators of the status page. Needs only the sentinel's folder, and may run beside a sentinel.

npx bongsu operator list
npx bongsu operator add [NAME] [--role speaker|keeper]
                  print a link that sets the password of an operator, new or existing; valid once, for a day. A speaker makes statements; a
                  keeper also manages operators and webhooks. The first operator is a keeper
npx bongsu operator role NAME speaker|keeper
npx bongsu operator remove NAME

${DATA}
--help            this text

Exit codes: 0 done; 64 not done, for the reason printed, or not understood.
`

export const HELP = `npx bongsu incident open|update|resolve|correct|list|publish
npx bongsu maintenance schedule|update|start|complete|list
npx bongsu record verify|export
npx bongsu operator list|add|role|remove

Each command has its own --help. All commands work while the messenger, the sentinel and the network are down.
`
