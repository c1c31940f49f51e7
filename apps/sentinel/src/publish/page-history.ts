import { html } from 'ghtml'
import type { Incident, Text } from '../vocabulary/incident.ts'
import { componentsHit, isOpen } from '../incident/updates.ts'
import { FORMULAS } from '../judge/share.ts'
import { BAD_DAY_SHARE } from './bars.ts'
import { STALE_AFTER_MS } from './headline.ts'
import { beacons } from './icons.ts'
import { finePercentOf, minutesOf, spanOf } from '../vocabulary/numbers.ts'
import { pastRow } from './page-now.ts'
import { peopleFigure } from './people.ts'
import { componentNames, factsOf, incidentPath, maintenanceCard, prose, timelineOf } from './timeline.ts'
import { foldedTable, say, section, type Page, type View } from './view.ts'
import { COMPONENT_NAMES, IMPACT_NAMES, NO_RECORD, SOURCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'

/** All statements about one incident, at an address that never changes. */
export function incidentPage(view: View, incident: Incident): Page {
  const title = say(view, incident.title)
  const hit = componentNames(view.language, componentsHit(incident))
  const last = incident.updates.findLast(({ basis }) => basis !== null)?.basis ?? null
  const basis =
    last === null
      ? ''
      : html`<p class="note">
          ${say(view, {
            ko: `숫자의 근거: 기록의 ${last.fromSeq}번부터 ${last.toSeq}번까지.`,
            en: `What the numbers rest on: entries ${last.fromSeq} to ${last.toSeq} of the record.`,
          })} <a href="${view.home}uptime.html">${say(view, { ko: '셈하는 법', en: 'How they are made' })}</a>
        </p>`
  // The newest words of a person tell it best.
  const told = incident.updates.findLast(({ by }) => by.kind === 'person') ?? incident.updates.at(-1)
  const words = told === undefined ? '' : prose(say(view, told.body))
  return {
    path: incidentPath(incident.incidentId),
    title: `${title} · ${view.snapshot.name}`,
    description: `${title} ${view.calendar.moment(incident.startedAt)}`,
    // The page tells the past and nothing about the present, so it does not grow old.
    live: false,
    body: html`<p class="back">
        <a href="${view.home}index.html">${say(view, { ko: '지금', en: 'Now' })}</a>
        <a href="${view.home}history.html">${say(view, { ko: '지난 90일', en: 'Last 90 days' })}</a>
      </p>
      <article class="incident">
        <p class="mood ${isOpen(incident) ? 'bad' : 'over'}">
          !${beacons(IMPACT_BEACONS[incident.impact])}<span>${say(view, STATUS_NAMES[incident.status])}</span>
          <small
            >${[`${say(view, { ko: '영향', en: 'Impact' })}: ${say(view, IMPACT_NAMES[incident.impact])}`, hit].filter((part) => part !== '').join(' · ')}</small
          >
        </p>
        <h1>${title}</h1>
        !${factsOf(view, incident)}
        <div class="columns">
          !${section(view, { ko: '무슨 일이 있었나', en: 'What happened' }, words, peopleFigure(view, incident, false), basis)}
          <aside>!${section(view, { ko: '경과', en: 'Updates' }, timelineOf(view, incident))}</aside>
        </div>
      </article>`,
  }
}

/** Beacons beside an incident that is told as a whole. */
const IMPACT_BEACONS: Readonly<Record<Incident['impact'], number>> = { none: 1, minor: 2, major: 3, critical: 5 }

/** Incidents and maintenance of the last 90 days, by month. */
export function historyPage(view: View): Page {
  const { snapshot, calendar, language } = view
  const title = say(view, { ko: '지난 90일', en: 'The last 90 days' })
  const months = Map.groupBy(snapshot.incidents, ({ startedAt }) => calendar.isoDay(startedAt).slice(0, 7))
  const sections = [...months].map(([month, those]) => {
    const name = new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-GB', { timeZone: 'UTC', year: 'numeric', month: 'long' }).format(
      Date.parse(`${month}-01T00:00:00Z`),
    )
    return html`<h2>${name}</h2>
      <ul class="card past">
        !${those.map((incident) => pastRow(view, incident)).join('')}
      </ul>`
  })
  const works = snapshot.maintenances.map((each) => maintenanceCard(view, each))
  const none = html`<p class="card quiet">${say(view, { ko: '없습니다.', en: 'None.' })}</p>`
  const nothing = html`<p class="card quiet">${say(view, { ko: '알린 장애가 없습니다.', en: 'No incident was told of.' })}</p>`
  return {
    path: 'history.html',
    title: `${title} · ${snapshot.name}`,
    description: title,
    live: false,
    body: html`<p class="back"><a href="${view.home}index.html">${say(view, { ko: '지금 상태', en: 'The state now' })}</a></p>
      <section>
        <h1>${title}</h1>
        !${sections.length === 0 ? nothing : sections.join('')}
      </section>
      !${section(view, { ko: '계획된 점검', en: 'Planned maintenance' }, ...(works.length === 0 ? [none] : works))}`,
  }
}

/** What each number is, its formula, and what is to be known about it [S6]. */
const RULES: readonly (readonly [Text, Text, Text])[] = [
  [
    { ko: '영향을 받은 이용자', en: 'A person affected' },
    { ko: '하려고 했거나 받아야 했는데, 되지 않은 사람', en: 'tried, or should have received, and could not' },
    {
      ko: '몇 초 사이에 여럿과 연락이 끊기면 곧바로 알리되, 영향을 받았다고는 하지 않습니다. 관측 시도가 실패하거나 기기들이 알려 와야 영향입니다. 그 밖에 소식이 없는 사람은 아무 데도 세지 않습니다.',
      en: 'When many people fall silent within a few seconds, that is told at once, but not as affected: that takes failing tests or word from devices. Whoever else is not heard from is counted nowhere.',
    },
  ],
  ofShare({ ko: '장애 하나의 비율', en: 'Share of a whole incident' }, 'incident'),
  ofShare(SOURCE_NAMES.tries, 'tries'),
  ofShare(SOURCE_NAMES.server, 'server'),
  ofShare(SOURCE_NAMES.devices, 'devices'),
  ofShare({ ko: '한꺼번에 연락이 끊긴 이용자', en: 'People who fell silent together' }, 'silent'),
  ofShare(SOURCE_NAMES.reports, 'reports'),
  [
    { ko: '괄호 안의 범위', en: 'The interval beside it' },
    same('(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n),  z = 1.96'),
    {
      ko: '윌슨의 95% 구간입니다. 관측소가 여럿이면 관측소마다 한 표로 평균하고, 구간도 함께 합칩니다. 센 수가 적을수록 넓어집니다.',
      en: 'Wilson’s 95 % interval. Several posts have one vote each, and their intervals are combined. Smaller counts give wider intervals.',
    },
  ],
  [
    { ko: '하루의 막대', en: 'The bar of a day' },
    { ko: 'Σ 분마다의 영향 비율 ÷ 알고 있는 분', en: 'Σ share affected in each minute ÷ known minutes' },
    {
      ko: `잰 비율 × 시간이며, 정해 둔 가중치는 없습니다. 0이면 정상, ${finePercentOf(BAD_DAY_SHARE)}까지는 작은 영향, 그보다 많으면 큰 영향으로 그립니다. 알 수 없던 시간은 정상으로 치지 않고 셈에서 뺍니다.`,
      en: `Measured share × time, without weights of our choosing. 0 is drawn as good, up to ${finePercentOf(BAD_DAY_SHARE)} as some people affected, and more as many people affected. Unknown time is left out and never counted as good.`,
    },
  ],
  [
    { ko: '90일의 영향 받은 시간', en: 'Time affected in 90 days' },
    {
      ko: 'Σ (하루의 비율 × 그날 알고 있는 분) ÷ Σ 알고 있는 분',
      en: 'Σ (share of the day × known minutes of the day) ÷ Σ known minutes',
    },
    { ko: '아래 표의 숫자로 다시 셈할 수 있습니다.', en: 'The table below has everything needed to compute it again.' },
  ],
  [
    { ko: '감지까지 걸린 시간', en: 'Time until noticed' },
    { ko: '감지한 시각 − 처음 실패한 시도가 시작된 시각', en: 'time of detection − start of the first failed test' },
    {
      ko: '시작, 감지, 끝은 따로 적으며 각각 바로잡을 수 있습니다.',
      en: 'Start, detection and end are separate times, and each can be corrected.',
    },
  ],
  [
    { ko: '측정의 나이', en: 'Age of the data' },
    { ko: '지금 − 가장 새 측정의 시각', en: 'now − time of the newest measurement' },
    {
      ko: `${STALE_AFTER_MS / 1_000}초가 넘으면 이 페이지는 아무것도 정상이라고 하지 않습니다.`,
      en: `Beyond ${STALE_AFTER_MS / 1_000} seconds this page calls nothing operational.`,
    },
  ],
  [
    { ko: '메시지가 닿기까지', en: 'How long a message takes' },
    { ko: '10분마다: 50번째, 99번째 백분위수', en: 'in each 10 minutes: the 50th and the 99th percentile' },
    {
      ko: '저희 계정 하나가 다른 하나에게 이용자와 같은 문으로 보낸 진짜 메시지에서 잽니다.',
      en: 'Measured with real messages between two accounts of our own, in the same way as everybody’s messages.',
    },
  ],
]

function same(text: string): Text {
  return { ko: text, en: text }
}

/** From the text beside the judge's code. The first sentence is the formula. */
function ofShare(name: Text, of: keyof typeof FORMULAS): readonly [Text, Text, Text] {
  const parts = (text: string): readonly [string, string] => {
    const [formula = '', ...words] = text.split('. ')
    return [formula, words.join('. ')]
  }
  const [ko, en] = [parts(FORMULAS[of].ko), parts(FORMULAS[of].en)]
  return [name, { ko: ko[0], en: en[0] }, { ko: ko[1], en: en[1] }]
}

/** How each number on these pages is computed, so that anybody can repeat it [S6]. */
export function formulaPage(view: View): Page {
  const { snapshot } = view
  const title = say(view, { ko: '숫자 계산 방법', en: 'How the numbers are computed' })
  const rules = RULES.map(
    ([name, formula, words]) =>
      html`<dt>${say(view, name)}</dt>
        <dd>
          <code>${say(view, formula)}</code>
          <p>${say(view, words)}</p>
        </dd>`,
  )
  return {
    path: 'uptime.html',
    title: `${title} · ${snapshot.name}`,
    description: title,
    live: false,
    body: html`<p class="back"><a href="${view.home}index.html">${say(view, { ko: '지금 상태', en: 'The state now' })}</a></p>
      <section>
        <h1>${title}</h1>
        <p class="lead">
          ${say(view, {
            ko: '이 페이지의 모든 숫자는 지워지지 않는 기록에서 셈한 것입니다. 운영자는 “npx bongsu record verify”로 하나하나 다시 셈해 볼 수 있습니다.',
            en: 'Every number on these pages is computed from a record that is only ever added to. The operator can compute each of them again with “npx bongsu record verify”.',
          })}
        </p>
        <dl class="card rules">!${rules.join('')}</dl>
      </section>
      !${dayTables(view)}`,
  }
}

function dayTables(view: View): string {
  const { snapshot, language } = view
  const head = [
    { ko: '날', en: 'Day' },
    { ko: '비율', en: 'Share' },
    { ko: '영향 있던 분', en: 'Affected' },
    { ko: '아는 분', en: 'Known' },
    { ko: '근거', en: 'Entries' },
  ]
  const tables = snapshot.components.map((state) => {
    const days = state.days.filter((day) => day !== null).toReversed()
    const rows = days.map(
      (day) =>
        html`<tr>
          <th scope="row"><span class="year">${day.day.slice(0, 5)}</span>${day.day.slice(5)}</th>
          <td>${day.knownMinutes === 0 ? say(view, NO_RECORD) : finePercentOf(day.affectedShare)}</td>
          <td>${minutesOf(day.affectedMinutes, language)}</td>
          <td>${minutesOf(day.knownMinutes, language)}</td>
          <td>${day.basis.fromSeq}–${day.basis.toSeq}</td>
        </tr>`,
    )
    // A share of time says of which time: what was not seen is no part of it [S16].
    const known = days.reduce((sum, day) => sum + day.knownMinutes, 0)
    const total =
      state.affectedShare === null
        ? '–'
        : say(view, {
            ko: `관측한 ${spanOf(known, 'ko')} 가운데 ${finePercentOf(state.affectedShare)} 영향`,
            en: `${finePercentOf(state.affectedShare)} affected of ${spanOf(known, 'en')} seen`,
          })
    const table = rows.length === 0 ? '' : foldedTable(view, { ko: `날마다 (${days.length}일)`, en: `By day (${days.length})` }, head, rows)
    return html`<article class="card part">
      <h3>${say(view, COMPONENT_NAMES[state.component])}<span class="total">${total}</span></h3>
      !${table}
    </article>`
  })
  return section(view, { ko: '90일의 숫자', en: 'The numbers of 90 days' }, ...tables)
}

/** The page for an unknown address. The address may have any depth, so links begin at the root of the host. */
export function atRoot(view: View): View {
  const root = `${new URL(view.snapshot.pageUrl).pathname.replace(/\/$/, '')}/`
  return { ...view, root, home: view.language === 'ko' ? root : `${root}${view.language}/` }
}

export function missingPage(view: View): Page {
  const title = say(view, { ko: '그런 페이지는 없습니다', en: 'This page does not exist' })
  return {
    path: '404.html',
    title: `${title} · ${view.snapshot.name}`,
    description: title,
    live: false,
    body: html`<section>
      <h1>${title}</h1>
      <p class="lead">
        ${say(view, {
          ko: '주소가 바뀌었거나, 90일이 지난 장애의 페이지일 수 있습니다.',
          en: 'The address may have changed, or it was the page of an incident older than 90 days.',
        })}
      </p>
      <p>
        <a href="${view.snapshot.pageUrl}/${view.language === 'ko' ? '' : 'en/'}"
          >${say(view, { ko: '지금 상태 보기', en: 'Open the status page' })}</a
        >
      </p>
    </section>`,
  }
}
