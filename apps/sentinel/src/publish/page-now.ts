import { html } from 'ghtml'
import type { Incident } from '../incident/incident.ts'
import { componentCard } from './bars.ts'
import { LOST, worstOf, type Headline } from './headline.ts'
import { MOOD_SIGNS } from './icons.ts'
import { latencySection } from './latency-chart.ts'
import { durationOf, intervalOf, percentOf } from './numbers.ts'
import { incidentPath, maintenanceCard, timelineOf, timesLine } from './timeline.ts'
import { MOOD_WORDS, say, type Page, type View } from './view.ts'
import { SOURCE_NAMES } from './words.ts'

/** Statements of an open incident on the first page. The others are on the incident's page. */
const STATEMENTS_MAX = 6
/** Resolved incidents, shown beneath. */
const PAST_MAX = 4
/** A post that has been silent for longer no longer observes. */
const POST_SILENT_MS = 60_000

export function nowPage(view: View): Page {
  const { snapshot, headline } = view
  const sentence = say(view, headline.sentence)
  return {
    path: 'index.html',
    title: `${sentence} · ${snapshot.name}`,
    description: `${sentence} ${say(view, headline.rest)}`.trim(),
    live: true,
    body: [
      ageLine(view),
      recordNote(view),
      hero(view, headline),
      lostTemplate(view),
      ...snapshot.open.map((incident) => openSection(view, incident)),
      planned(view),
      components(view),
      latencySection(view),
      past(view),
      following(view),
    ].join('\n'),
  }
}

/** When it was measured and by how many posts, as an absolute time. The script turns the time into a growing age [S2]. */
function ageLine(view: View): string {
  const { snapshot, calendar } = view
  const all = snapshot.posts.length
  const hearing = snapshot.posts.filter(({ online, heardAt }) => online && snapshot.madeAt - heardAt <= POST_SILENT_MS).length
  const posts =
    hearing === all
      ? say(view, { ko: `관측소 ${all}곳`, en: `${all} ${all === 1 ? 'post' : 'posts'} observing` })
      : say(view, { ko: `관측소 ${all}곳 가운데 ${hearing}곳`, en: `${hearing} of ${all} posts observing` })
  const names = snapshot.posts.map(({ name }) => name).join(', ')
  const measured =
    snapshot.measuredAt === null
      ? html`<span>${say(view, { ko: '아직 잰 것이 없습니다', en: 'Nothing measured yet' })}</span>`
      : html`<time data-age datetime="${new Date(snapshot.measuredAt).toISOString()}" title="${calendar.exact(snapshot.measuredAt)}"
          >${say(view, {
            ko: `${calendar.exact(snapshot.measuredAt)} 측정`,
            en: `Measured ${calendar.exact(snapshot.measuredAt)}`,
          })}</time
        >`
  return html`<p class="age" id="age">!${measured}<span class="posts" title="${names}">${posts}</span></p>`
}

/** Says that the present is not recorded yet. Until then the page rests on the sentinel's word alone. */
function recordNote(view: View): string {
  const { record } = view.snapshot
  if (record === 'written') return ''
  const text = say(view, {
    ko: '지금은 디스크에 기록을 쓸 수 없습니다. 관측과 알림은 계속하며, 쓸 수 있게 되면 이어서 기록합니다.',
    en: 'The record cannot be written to the disk at the moment. Monitoring and notices continue, and the record will be written as soon as possible.',
  })
  const unread = say(view, {
    ko: '지난 기록도 지금은 읽을 수 없어, 여기에는 지금 본 것만 있습니다.',
    en: 'Earlier entries cannot be read at the moment either. This page shows only current observations.',
  })
  return html`<p class="quiet card" id="record">${text}${record === 'unread' ? ` ${unread}` : ''}</p>`
}

function hero(view: View, headline: Headline): string {
  const first = view.stale ? null : worstOf(view.snapshot.open)
  const known = headline.mood === 'lost' ? lastKnown(view) : ''
  return html`<section class="now ${headline.mood}" id="now" aria-live="polite">
    <p class="mood">!${MOOD_SIGNS[headline.mood]}<span>${say(view, MOOD_WORDS[headline.mood])}</span></p>
    <h1>${say(view, headline.sentence)}!${headline.relief === null ? '' : html`<br /><span class="relief">${say(view, headline.relief)}</span>`}</h1>
    !${say(view, headline.rest) === '' ? '' : html`<p class="rest">${say(view, headline.rest)}</p>`}
    !${known}!${first === null ? '' : figures(view, first)}
  </section>`
}

/** The four numbers: how many people, since when, how fast it was detected, when the next update comes. */
function figures(view: View, incident: Incident): string {
  const { calendar, language, snapshot } = view
  const { share, startedAt, detectedAt, nextUpdateAt } = incident
  const cell = (value: string, words: string, small = ''): string =>
    html`<div>
      <dd>${value}</dd>
      <dt>${words}!${small === '' ? '' : html`<small>${small}</small>`}</dt>
    </div>`
  const affected =
    share === null
      ? cell('–', say(view, { ko: '영향을 받는 이용자', en: 'of people affected' }), say(view, { ko: '세고 있습니다', en: 'being counted' }))
      : cell(
          percentOf(share.value),
          share.source === 'probes'
            ? say(view, { ko: '실패한 관측 시도', en: 'of our tests failed' })
            : say(view, { ko: '영향을 받는 이용자', en: 'of people affected' }),
          share.source === 'probes'
            ? intervalOf(share.low, share.high, language)
            : `${intervalOf(share.low, share.high, language)} · ${say(view, SOURCE_NAMES[share.source])}`,
        )
  const since = calendar.near(startedAt, snapshot.madeAt)
  return html`<dl class="figures">
    !${affected}!${cell(durationOf(snapshot.madeAt - startedAt, language), say(view, { ko: `${since}부터`, en: `since ${since}` }))}!${
      detectedAt === null
        ? cell('–', say(view, { ko: '사람이 알렸습니다', en: 'told by a person' }))
        : cell(durationOf(detectedAt - startedAt, language), say(view, { ko: '만에 감지', en: 'until noticed' }))
    }!${
      nextUpdateAt === null
        ? ''
        : cell(calendar.near(nextUpdateAt, snapshot.madeAt), say(view, { ko: '늦어도 이때 다음 알림', en: 'next word at the latest' }))
    }
  </dl>`
}

/** The last known state, so that a page without new evidence still helps. */
function lastKnown(view: View): string {
  const { snapshot, calendar } = view
  const at = snapshot.measuredAt === null ? '' : calendar.exact(snapshot.measuredAt)
  const open = worstOf(snapshot.open)
  const words = open === null ? '' : html` ${say(view, { ko: '그때 알려진 장애', en: 'Then known' })}: <b>${say(view, open.title)}</b>`
  return html`<p class="known">${say(view, { ko: '마지막 측정', en: 'Last measured' })}: ${at}.!${words}</p>`
}

/** What the script shows instead of the first section when the data has grown old. */
function lostTemplate(view: View): string {
  return html`<template id="lost">!${hero({ ...view, stale: true }, LOST)}</template>`
}

function openSection(view: View, incident: Incident): string {
  const path = `${view.home}${incidentPath(incident.incidentId)}`
  // The headline already names the incident. Only with several incidents must each repeat its title.
  const heading = view.snapshot.open.length === 1 ? say(view, { ko: '경과', en: 'Updates' }) : say(view, incident.title)
  const more =
    incident.updates.length > STATEMENTS_MAX
      ? say(view, { ko: '모든 경과 보기', en: 'All updates' })
      : say(view, { ko: '이 장애 자세히 보기', en: 'More about this incident' })
  return html`<section class="incident" id="incident-${incident.incidentId}">
    <h2>${heading}</h2>
    <div class="card">
      !${timesLine(view, incident)}!${timelineOf(view, incident, STATEMENTS_MAX)}
      <p class="more"><a href="${path}">${more}</a></p>
    </div>
  </section>`
}

function planned(view: View): string {
  const coming = view.snapshot.maintenances.filter(({ status }) => status !== 'completed')
  if (coming.length === 0) return ''
  const cards = coming.toSorted((one, other) => one.scheduledFor - other.scheduledFor).map((each) => maintenanceCard(view, each))
  return html`<section>
    <h2>${say(view, { ko: '계획된 점검', en: 'Planned maintenance' })}</h2>
    !${cards.join('')}
  </section>`
}

function components(view: View): string {
  return html`<section class="parts">
    <h2>${say(view, { ko: '구성 요소', en: 'Components' })}</h2>
    !${view.snapshot.components.map((state) => componentCard(view, state)).join('')}
    <p class="key">
      <span class="ok">${say(view, { ko: '정상', en: 'well' })}</span><span class="some">${say(view, { ko: '작은 영향', en: 'some affected' })}</span
      ><span class="bad">${say(view, { ko: '큰 영향', en: 'much affected' })}</span
      ><span class="none">${say(view, { ko: '알 수 없음', en: 'unknown' })}</span>
    </p>
  </section>`
}

function past(view: View): string {
  const over = view.snapshot.incidents
    .filter(({ endedAt, status }) => endedAt !== null && (status === 'resolved' || status === 'postmortem'))
    .slice(0, PAST_MAX)
  const rows = over.map((incident) => pastRow(view, incident))
  const body =
    rows.length === 0
      ? html`<p class="quiet card">
          ${say(view, { ko: '지난 90일 동안 알린 장애가 없습니다.', en: 'No incident was told of in the last 90 days.' })}
        </p>`
      : html`<ul class="card past">
          !${rows.join('')}
        </ul>`
  return html`<section>
    <h2>${say(view, { ko: '지난 장애', en: 'Past incidents' })}</h2>
    !${body}
    <p class="more"><a href="${view.home}history.html">${say(view, { ko: '지난 90일 모두 보기', en: 'All of the last 90 days' })}</a></p>
  </section>`
}

/** One line about a resolved incident. */
export function pastRow(view: View, incident: Incident): string {
  const { calendar, language } = view
  const length = incident.endedAt === null ? '' : durationOf(incident.endedAt - incident.startedAt, language)
  const share = incident.share === null ? '' : ` · ${percentOf(incident.share.value)} ${say(view, { ko: '영향', en: 'affected' })}`
  return html`<li>
    <a href="${view.home}${incidentPath(incident.incidentId)}"
      ><b>${say(view, incident.title)}</b><span>${calendar.moment(incident.startedAt)} · ${length}${share}</span></a
    >
  </li>`
}

/** How to subscribe. */
function following(view: View): string {
  const { options, root, language } = view
  const form =
    options.subscribeUrl === null
      ? ''
      : html`<form class="subscribe" method="post" action="${options.subscribeUrl}">
          <label for="email">${say(view, { ko: '이메일로 받기', en: 'By e-mail' })}</label>
          <div>
            <input id="email" name="email" type="email" required autocomplete="email" maxlength="254" placeholder="name@example.com" /><input
              type="hidden"
              name="language"
              value="${language}"
            /><button type="submit">${say(view, { ko: '받기', en: 'Subscribe' })}</button>
          </div>
          <p>
            ${say(view, { ko: '확인 메일을 먼저 보냅니다. 언제든 그만 받을 수 있습니다.', en: 'We first send a message to confirm. You can leave at any time.' })}
          </p>
        </form>`
  const webhook = options.webhookUrl === null ? '' : html`<li><a href="${options.webhookUrl}">${say(view, { ko: '웹훅', en: 'Webhook' })}</a></li>`
  return html`<section class="follow">
    <h2>${say(view, { ko: '소식 받기', en: 'Be told' })}</h2>
    <div class="card">
      !${form}
      <ul class="ways">
        <li><a href="${root}history.atom">Atom</a></li>
        <li><a href="${root}history.rss">RSS</a></li>
        !${webhook}
        <li><a href="${root}api/v2/summary.json">Statuspage API</a></li>
      </ul>
    </div>
  </section>`
}
