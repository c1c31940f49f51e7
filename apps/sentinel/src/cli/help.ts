/** Options of every command. */
const COMMON = `--data DIR        folder of the record; BONGSU_STATUS_DATA when left out, else ./sentinel-data
--new             start a new record when the folder has none
--by NAME         name of the author; your user name on this machine when left out
--quiet           do not notify subscribers
--publish         make the pages with this command, even if a sentinel seems to run
--help            this text`

const TEXTS = `--title-ko TEXT, --title-en TEXT, --body-ko TEXT, --body-en TEXT
                  if one language is missing, the other is used for both. Without a body flag the body is read from piped input (with a
                  line of --- between Korean and English), or your $EDITOR opens`

const CODES = `Exit codes: 0 done; 1 not done, for the reason printed; 3 recorded, but not published on all pages; 64 the command was not understood.`

const TIMES = `Times: 10:54, "2026-11-22 10:54", 2026-11-22T10:54:00+09:00, or now. A time without an offset is in the time zone of the page.`

export const INCIDENT_HELP = `Publishes statements about an incident. Needs only the folder of the record, works while everything else is down, and may run beside a
sentinel.

npx bongsu incident open --title-ko … --component sign-in=major_outage [--body-ko …]
npx bongsu incident update [ID] [--status identified] [--body-ko …]
npx bongsu incident resolve [ID] [--ended 12:20] [--body-ko …]
npx bongsu incident correct ID --why-ko … [--started 10:54] [--share 8%] …
npx bongsu incident list [--all] [--json]
npx bongsu incident publish          make the pages again from the record
npx bongsu incident operator [NAME]  print a link that sets the password of a status page operator; valid once, for a day

ID                as shown by list; the first characters are enough; may be left out while one incident is open
${TEXTS}
--component C=S   affected component (messaging, sign-in or web) and its state (operational, degraded_performance, partial_outage or
                  major_outage); may be repeated; a :pc or :phone at the end limits it to those devices
--impact I        none, minor, major or critical; derived from the components when left out
--status S        investigating, identified, monitoring, resolved or postmortem
--started TIME    start of the incident; now when left out
--detected TIME   time of detection; now when left out
--ended TIME      end of the incident; only with resolve, or for a resolved incident
--share 8%        share of active people affected, and --share-range 5%-11%
--why-ko TEXT, --why-en TEXT
                  correct: what was wrong before. The earlier statement stays readable for ever
--notify          correct: notify subscribers, who otherwise get no notice of corrections
${COMMON}

${TIMES}
${CODES}
`

export const MAINTENANCE_HELP = `Announces maintenance, and states when it starts and ends. Needs only the folder of the record.

npx bongsu maintenance schedule --title-ko … --component messaging --from "2026-11-23 04:00" --until "2026-11-23 05:00" [--body-ko …]
npx bongsu maintenance update [ID] [--from TIME] [--until TIME] [--body-ko …]
npx bongsu maintenance start [ID] [--body-ko …]
npx bongsu maintenance complete [ID] [--body-ko …]
npx bongsu maintenance list [--all] [--json]

ID                as shown by list; the first characters are enough; may be left out while one maintenance is not completed
${TEXTS}
--component C     messaging, sign-in or web; may be repeated
--from TIME, --until TIME
                  planned start and end of the maintenance
${COMMON}

${TIMES}
${CODES}
`

export const RECORD_HELP = `Checks or exports the record of observations and statements. Changes nothing, and may run beside a sentinel.

npx bongsu record verify [--data DIR | --file FILE] [--known SEQ:HASH]…
                  check the hash chain, and compute every published number again from stored entries. Prints the newest place and its hash:
                  note them elsewhere and pass them to a later run with --known. Only they reveal a record that was recreated
                  completely or cut at its end
npx bongsu record export [--from TIME] [--to TIME] [--format lines|document] [--out FILE]
                  all entries as JSON: one entry a line, or one document

--data DIR        folder of the record; BONGSU_STATUS_DATA when left out, else ./sentinel-data
--file FILE       a record.db, or an exported file in either format
--known SEQ:HASH  a place and its hash, noted earlier; may be repeated
--help            this text

${TIMES}
Exit codes: 0 sound, or exported; 1 damaged, or not done, for the reason printed; 64 the command was not understood.
`

export const HELP = `npx bongsu incident open|update|resolve|correct|list|publish
npx bongsu maintenance schedule|update|start|complete|list
npx bongsu record verify|export

Each command has its own --help. All commands work while the messenger, the sentinel and the network are down.
`
