/** Options of every command. */
const COMMON = `--data DIR        folder of the record; BONGSU_STATUS_DATA when left out, else ./sentinel-data
--new             begin a new record when there is none in that folder
--by NAME         who says it; your user name on this machine when left out
--quiet           do not notify subscribers
--publish         make the pages here and now, even if a sentinel seems to run
--help            this text`

const TEXTS = `--title-ko TEXT, --title-en TEXT, --body-ko TEXT, --body-en TEXT
                  where one language is missing, the other stands for it. Without a body it is read from what is piped in (a line of ---
                  between Korean and English), or your $EDITOR opens`

const CODES = `Exit codes: 0 done; 1 not done, for the reason printed; 3 in the record, but not on all pages; 64 the command was not understood.`

const TIMES = `Times: 10:54, "2026-11-22 10:54", 2026-11-22T10:54:00+09:00, or now. Without an offset they are in the time zone of the page.`

export const INCIDENT_HELP = `Says something about an incident, with everything else dead: it needs the folder of the record alone, and may run beside a sentinel.

npx bongsu incident open --title-ko … --component sign-in=major_outage [--body-ko …]
npx bongsu incident update [ID] [--status identified] [--body-ko …]
npx bongsu incident resolve [ID] [--ended 12:20] [--body-ko …]
npx bongsu incident correct ID --why-ko … [--started 10:54] [--share 8%] …
npx bongsu incident list [--all] [--json]
npx bongsu incident publish          make the pages anew from the record
npx bongsu incident operator [NAME]  a link, good once and for a day, that sets the password of an operator of the status page

ID                is shown by list; its beginning is enough, and it may be left out while one incident is open
${TEXTS}
--component C=S   what is hit: messaging, sign-in or web, each operational, degraded_performance, partial_outage or major_outage; may be repeated;
                  :pc or :phone behind it says that only those are hit
--impact I        none, minor, major or critical; follows from the components when left out
--status S        investigating, identified, monitoring, resolved or postmortem
--started TIME    when it began; now when left out
--detected TIME   when it was noticed; now when left out
--ended TIME      when it was over; only with resolve, or for one that is over
--share 8%        share of active people affected, and --share-range 5%-11%
--why-ko TEXT, --why-en TEXT
                  correct: what was wrong before. What was said stays readable for ever
--notify          correct: notify subscribers, who are not told of corrections otherwise
${COMMON}

${TIMES}
${CODES}
`

export const MAINTENANCE_HELP = `Announces planned work, and says when it begins and ends; needs the folder of the record alone.

npx bongsu maintenance schedule --title-ko … --component messaging --from "2026-11-23 04:00" --until "2026-11-23 05:00" [--body-ko …]
npx bongsu maintenance update [ID] [--from TIME] [--until TIME] [--body-ko …]
npx bongsu maintenance start [ID] [--body-ko …]
npx bongsu maintenance complete [ID] [--body-ko …]
npx bongsu maintenance list [--all] [--json]

ID                is shown by list; its beginning is enough, and it may be left out while there is only one that is not completed
${TEXTS}
--component C     messaging, sign-in or web; may be repeated
--from TIME, --until TIME
                  when the work is to begin and to end
${COMMON}

${TIMES}
${CODES}
`

export const RECORD_HELP = `Looks at the record of what was seen and said. Changes nothing, and may run beside a sentinel.

npx bongsu record verify [--data DIR | --file FILE] [--known SEQ:HASH]…
                  does the chain of hashes hold, and can every published number be computed again from what is stored?
                  Prints the newest place and its hash: note it elsewhere, and give it with --known later, for a record that was
                  made anew altogether, or cut at its end, still has a chain that holds
npx bongsu record export [--from TIME] [--to TIME] [--format lines|document] [--out FILE]
                  everything as JSON: one entry to a line, or one document

--data DIR        folder of the record; BONGSU_STATUS_DATA when left out, else ./sentinel-data
--file FILE       a record.db, or an exported file in either format
--known SEQ:HASH  a place and the hash it had when it was noted; may be repeated
--help            this text

${TIMES}
Exit codes: 0 sound, or exported; 1 broken, or not done, for the reason printed; 64 the command was not understood.
`

export const HELP = `npx bongsu incident open|update|resolve|correct|list|publish
npx bongsu maintenance schedule|update|start|complete|list
npx bongsu record verify|export

Each has its own --help. All of them work with the messenger, the sentinel and the network dead.
`
