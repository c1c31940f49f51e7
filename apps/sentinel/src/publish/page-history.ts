import { html } from 'ghtml'
import type { Incident, Text } from '../incident/incident.ts'
import { FORMULAS } from '../judge/share.ts'
import { BAD_DAY_SHARE } from './bars.ts'
import { STALE_AFTER_MS } from './headline.ts'
import { finePercentOf, minutesOf } from './numbers.ts'
import { pastRow } from './page-now.ts'
import { incidentPath, maintenanceCard, timelineOf, timesOf } from './timeline.ts'
import { say, type Page, type View } from './view.ts'
import { COMPONENT_NAMES, IMPACT_NAMES, SOURCE_NAMES, STATUS_NAMES } from './words.ts'

/** All statements about one incident, at an address that never changes. */
export function incidentPage(view: View, incident: Incident): Page {
  const title = say(view, incident.title)
  const parts = [...new Set(incident.updates.flatMap(({ hits }) => hits.map(({ component }) => component)))]
  const hit = parts.map((component) => say(view, COMPONENT_NAMES[component])).join(', ')
  const last = incident.updates.findLast(({ basis }) => basis !== null)?.basis ?? null
  const basis =
    last === null
      ? ''
      : html`<p class="quiet">
          ${say(view, {
            ko: `숫자의 근거: 기록의 ${last.fromSeq}번부터 ${last.toSeq}번까지.`,
            en: `What the numbers rest on: entries ${last.fromSeq} to ${last.toSeq} of the record.`,
          })} <a href="${view.home}uptime.html">${say(view, { ko: '셈하는 법', en: 'How they are made' })}</a>
        </p>`
  return {
    path: incidentPath(incident.incidentId),
    title: `${title} · ${view.snapshot.name}`,
    description: `${title} ${view.calendar.moment(incident.startedAt)}`,
    // The page tells the past and nothing about the present, so it does not grow old.
    live: false,
    body: html`<p class="back">
        <a href="${view.home}index.html">${say(view, { ko: '지금 상태', en: 'The state now' })}</a>
        <a href="${view.home}history.html">${say(view, { ko: '지난 90일', en: 'Last 90 days' })}</a>
      </p>
      <section class="incident">
        <h1>${title}</h1>
        <p class="tags">
          <span class="tag">${say(view, STATUS_NAMES[incident.status])}</span
          ><span class="tag">${say(view, { ko: '영향', en: 'Impact' })}: ${say(view, IMPACT_NAMES[incident.impact])}</span
          >!${hit === '' ? '' : html`<span class="tag">${hit}</span>`}
        </p>
        <div class="card">!${timesOf(view, incident)}</div>
        <h2>${say(view, { ko: '경과', en: 'Updates' })}</h2>
        <div class="card">!${timelineOf(view, incident)}</div>
        !${basis}
      </section>`,
  }
}

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
      <section>
        <h2>${say(view, { ko: '계획된 점검', en: 'Planned maintenance' })}</h2>
        !${works.length === 0 ? html`<p class="card quiet">${say(view, { ko: '없습니다.', en: 'None.' })}</p>` : works.join('')}
      </section>`,
  }
}

/** How each number on these pages is computed, so that anybody can repeat it [S6]. */
export function formulaPage(view: View): Page {
  const { snapshot } = view
  const title = say(view, { ko: '숫자 계산 방법', en: 'How the numbers are computed' })
  const rule = (name: string, formula: string, words: string): string =>
    html`<dt>${name}</dt>
      <dd>
        <code>${formula}</code>
        <p>${words}</p>
      </dd>`
  /** From the text beside the judge's code. The first sentence is the formula. */
  const ofShare = (name: Text, of: keyof typeof FORMULAS): string => {
    const [formula = '', ...words] = say(view, FORMULAS[of]).split('. ')
    return rule(say(view, name), formula, words.join('. '))
  }
  const rules = [
    rule(
      say(view, { ko: '영향을 받은 이용자의 비율', en: 'Share of people affected' }),
      say(view, { ko: '(영향을 받은 이용자 − 평소의 수) ÷ 활동 중인 이용자', en: '(people affected − usual number) ÷ people active' }),
      say(view, {
        ko: '서버가 이름 없이 센 수입니다. 연결이 5초 넘게 끊겼거나 메시지가 5초 넘게 닿지 못한 이용자가 영향을 받은 이용자입니다. 서버가 답하지 않으면 관측 시도 가운데 실패한 비율을 씁니다. 기기들이 돌아와 알려 온 뒤에 새 항목으로 바로잡습니다.',
        en: 'Counted by the server without names. A person is affected after more than 5 seconds without a connection or with an undelivered message. When the server does not answer, the share of failed tests of our own is used. Later reports from devices correct it in a new entry.',
      }),
    ),
    ofShare({ ko: '장애 하나의 비율', en: 'Share of a whole incident' }, 'incident'),
    ofShare(SOURCE_NAMES.probes, 'probes'),
    ofShare(SOURCE_NAMES.reports, 'reports'),
    rule(
      say(view, { ko: '괄호 안의 범위', en: 'The interval beside it' }),
      '(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n),  z = 1.96',
      say(view, {
        ko: '윌슨의 95% 구간입니다. 평소의 수를 뺀 비율에는 뉴컴의 방법(10번)으로 두 구간을 합칩니다. 센 수가 적을수록 넓어집니다.',
        en: 'Wilson’s 95 % interval. Where the usual number is subtracted, two of them are combined by Newcombe’s method 10. Smaller counts give wider intervals.',
      }),
    ),
    rule(
      say(view, { ko: '하루의 막대', en: 'The bar of a day' }),
      say(view, { ko: 'Σ 분마다의 영향 비율 ÷ 알고 있는 분', en: 'Σ share affected in each minute ÷ known minutes' }),
      say(view, {
        ko: `잰 비율 × 시간이며, 정해 둔 가중치는 없습니다. 0이면 정상, ${finePercentOf(BAD_DAY_SHARE)}까지는 작은 영향, 그보다 많으면 큰 영향으로 그립니다. 알 수 없던 시간은 정상으로 치지 않고 셈에서 뺍니다.`,
        en: `Measured share × time, without weights of our choosing. 0 is drawn as good, up to ${finePercentOf(BAD_DAY_SHARE)} as some people affected, and more as many people affected. Unknown time is left out and never counted as good.`,
      }),
    ),
    rule(
      say(view, { ko: '90일의 영향 받은 시간', en: 'Time affected in 90 days' }),
      say(view, {
        ko: 'Σ (하루의 비율 × 그날 알고 있는 분) ÷ Σ 알고 있는 분',
        en: 'Σ (share of the day × known minutes of the day) ÷ Σ known minutes',
      }),
      say(view, { ko: '아래 표의 숫자로 다시 셈할 수 있습니다.', en: 'The table below has everything needed to compute it again.' }),
    ),
    rule(
      say(view, { ko: '감지까지 걸린 시간', en: 'Time until noticed' }),
      say(view, { ko: '감지한 시각 − 처음 실패한 시도가 시작된 시각', en: 'time of detection − start of the first failed test' }),
      say(view, {
        ko: '시작, 감지, 끝은 따로 적으며 각각 바로잡을 수 있습니다.',
        en: 'Start, detection and end are separate times, and each can be corrected.',
      }),
    ),
    rule(
      say(view, { ko: '측정의 나이', en: 'Age of the data' }),
      say(view, { ko: '지금 − 가장 새 측정의 시각', en: 'now − time of the newest measurement' }),
      say(view, {
        ko: `${STALE_AFTER_MS / 1_000}초가 넘으면 이 페이지는 아무것도 정상이라고 하지 않습니다.`,
        en: `Beyond ${STALE_AFTER_MS / 1_000} seconds this page calls nothing operational.`,
      }),
    ),
    rule(
      say(view, { ko: '메시지가 닿기까지', en: 'How long a message takes' }),
      say(view, { ko: '10분마다: 50번째, 99번째 백분위수', en: 'in each 10 minutes: the 50th and the 99th percentile' }),
      say(view, {
        ko: '저희 계정 하나가 다른 하나에게 이용자와 같은 문으로 보낸 진짜 메시지에서 잽니다.',
        en: 'Measured with real messages between two accounts of our own, in the same way as everybody’s messages.',
      }),
    ),
  ]
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
  ].map((text) => html`<th scope="col">${say(view, text)}</th>`)
  const tables = snapshot.components.map((state) => {
    const days = state.days.filter((day) => day !== null).toReversed()
    const rows = days.map(
      (day) =>
        html`<tr>
          <th scope="row"><span class="year">${day.day.slice(0, 5)}</span>${day.day.slice(5)}</th>
          <td>${finePercentOf(day.affectedShare)}</td>
          <td>${minutesOf(day.affectedMinutes, language)}</td>
          <td>${minutesOf(day.knownMinutes, language)}</td>
          <td>${day.basis.fromSeq}–${day.basis.toSeq}</td>
        </tr>`,
    )
    const total = state.affectedShare === null ? '–' : finePercentOf(state.affectedShare)
    const table =
      rows.length === 0
        ? ''
        : html`<details class="days">
            <summary>${say(view, { ko: `날마다 (${days.length}일)`, en: `By day (${days.length})` })}</summary>
            <table>
              <thead>
                <tr>
                  !${head.join('')}
                </tr>
              </thead>
              <tbody>
                !${rows.join('')}
              </tbody>
            </table>
          </details>`
    return html`<article class="card part">
      <h3>${say(view, COMPONENT_NAMES[state.component])}<span class="total">${total}</span></h3>
      !${table}
    </article>`
  })
  return html`<section>
    <h2>${say(view, { ko: '90일의 숫자', en: 'The numbers of 90 days' })}</h2>
    !${tables.join('')}
  </section>`
}
