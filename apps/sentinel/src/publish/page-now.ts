import { html } from 'ghtml'
import { RANK, type Condition, type Incident, type Text } from '../vocabulary/incident.ts'
import { factOfOne } from '../incident/templates.ts'
import { componentsHit, isOpen, lastedMs } from '../incident/updates.ts'
import { componentRow, measuredSpan } from './bars.ts'
import { beaconsOf, conditionNow, headlineOf, LOST, STALE_AFTER_MS, worstOf, type Headline } from './headline.ts'
import { beacons } from './icons.ts'
import { latencySection, triesIn } from './latency-chart.ts'
import { agoOf, countOf, durationOf, latencyOf, percentOf } from '../vocabulary/numbers.ts'
import { peopleFigure } from './people.ts'
import { componentNames, incidentPath, maintenanceCard, timelineOf } from './timeline.ts'
import { confirmed, contactLink, fact, MOOD_WORDS, say, section, type Page, type View } from './view.ts'
import { CAUTION, conditionName, shareName, SIGNED_IN_WORK, WORKING } from '../vocabulary/words.ts'

/** Statements of an open incident on the first page. The others are on the incident's page. */
const STATEMENTS_MAX = 6
/** Resolved incidents, shown beneath. */
const PAST_MAX = 4
/** A post that has been silent for longer no longer observes. */
const POST_SILENT_MS = 60_000

export function nowPage(view: View): Page {
  const { snapshot, headline } = view
  const title = say(view, { ko: `${snapshot.name} 상태`, en: `${snapshot.name} status` })
  return {
    path: 'index.html',
    // The script adds the sentence: a title that a copy keeps must not speak of the present [S15].
    title,
    description: snapshot.measuredAt === null ? title : `${view.calendar.exact(snapshot.measuredAt)}: ${say(view, headline.sentence)}`,
    live: true,
    body: html`!${recordNote(view)}
      <div class="now">
        <div class="left">!${hero(view)}!${caution(view)}</div>
        <aside>!${snapshot.open.length === 0 ? calmFacts(view) : snapshot.open.map((incident) => story(view, incident)).join('')}</aside>
      </div>
      !${components(view)}
      <div class="columns">
        <div>!${latencySection(view)}!${past(view)}</div>
        <aside>!${planned(view)}!${following(view)}</aside>
      </div>`,
  }
}

/** When it was measured and by how many posts, as an absolute time. The script turns the time into a growing age [S2]. */
export function ageLine(view: View): string {
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
  return html`<p class="quiet card" id="record">${text}</p>`
}

/** A quiet line, which changes no state and no colour [O19]. Like every word about the present it is shown only while the present is confirmed. */
function caution(view: View): string {
  return view.snapshot.unsafe && !view.stale ? confirmed('div', html`<p class="note" id="caution">${say(view, CAUTION)}</p>`, '') : ''
}

/** The sentence, the share and what to do; and what stands in their place while nobody confirms that they are of the present [S15]. */
function hero(view: View): string {
  const { snapshot, headline } = view
  const lost = verdict(view, LOST, 0, '', lastKnown(view))
  if (view.stale) return lost
  const first = worstOf(snapshot.open)
  const failing = headline.mood === 'bad' || headline.mood === 'slow'
  const since = first === null ? null : lastedMs(first.spans.slice(-1), snapshot.madeAt)
  const lasting = since === null ? '' : say(view, { ko: ` · ${durationOf(since, 'ko')}째`, en: ` · for ${durationOf(since, 'en')}` })
  const word = verdict(view, headline, beaconsOf(headline, snapshot), lasting, '', !failing)
  const present = `${word}${first === null ? '' : peopleFigure(view, first, true)}${failing ? advice(view) : ''}`
  return snapshot.measuredAt === null ? present : confirmed('div', present, lost)
}

function verdict(view: View, headline: Headline, lit: number, lasting: string, more: string, rest = true): string {
  const lead = rest ? say(view, headline.rest) : ''
  return html`<section class="verdict ${headline.mood}" aria-live="polite">
    <p class="mood">!${beacons(lit)}<span>${moodWord(view, headline)}${lasting}</span></p>
    <h1>${say(view, headline.sentence)}!${headline.relief === null ? '' : html`<br /><span class="relief">${say(view, headline.relief)}</span>`}</h1>
    !${lead === '' ? '' : html`<p class="lead">${lead}</p>`}!${more}
  </section>`
}

/** The state in a word or two: of the worst component while something fails. */
function moodWord(view: View, headline: Headline): string {
  const worst = view.snapshot.components
    .filter(({ judgement }) => RANK[judgement.condition] > 0)
    .toSorted((one, other) => RANK[other.judgement.condition] - RANK[one.judgement.condition])[0]
  const failing = headline.mood === 'bad' || headline.mood === 'slow'
  return say(view, failing && worst !== undefined ? conditionName(worst.judgement, worst.judgement.condition) : MOOD_WORDS[headline.mood])
}

/** What works, what does not, and what to do. */
function advice(view: View): string {
  const { snapshot } = view
  const those = (wanted: (condition: Condition) => boolean) =>
    snapshot.components.filter((state) => wanted(conditionNow(state, snapshot, view.stale)))
  const list = (kind: string, name: string, items: readonly string[]): string =>
    items.length === 0
      ? ''
      : html`<div class="${kind}">
          <h2>${name}</h2>
          <ul>
            !${items.map((item) => `<li>${item}</li>`).join('')}
          </ul>
        </div>`
  const works = those((condition) => condition === 'operational').map(({ component }) => html`${say(view, WORKING[component])}`)
  const broken = those((condition) => RANK[condition] > 0)
  const fails = broken.map(({ judgement }) => html`${say(view, factOfOne({ ...judgement, trouble: judgement.trouble ?? 'failing' }))}`)
  const todo = [
    broken.some(({ component }) => component === 'messaging')
      ? {
          ko: '그대로 두세요. 쓰신 글은 기기에 남아 있다가, 이어지면 저절로 갑니다.',
          en: 'Leave it as it is. What you write stays on your device and is sent when the connection is back.',
        }
      : SIGNED_IN_WORK,
    { ko: '로그아웃하거나 앱을 지우지 마세요.', en: 'Do not sign out, and do not remove the app.' },
  ].map((text) => html`${say(view, text)}`)
  const contact = snapshot.contact.trim() === '' ? [] : [`${say(view, { ko: '급하면', en: 'If it is urgent' })}: ${contactLink(snapshot.contact)}`]
  return html`<div class="advice">
    !${list('do', say(view, { ko: '이렇게 하세요', en: 'What to do' }), [...todo, ...contact])}!${list('works', say(view, { ko: '됩니다', en: 'Works' }), works)}!${list('fails', say(view, view.headline.mood === 'slow' ? { ko: '평소와 다릅니다', en: 'Not as usual' } : { ko: '안 됩니다', en: 'Does not work' }), fails)}
  </div>`
}

/** What was last known, with its time and its end, so that a page without new evidence still helps. */
function lastKnown(view: View): string {
  const { snapshot, calendar } = view
  const { measuredAt } = snapshot
  if (measuredAt === null) return ''
  const until = calendar.second(measuredAt + STALE_AFTER_MS)
  const then = say(view, headlineOf(snapshot, false).sentence)
  return html`<p class="known">
    ${say(view, {
      ko: `마지막 측정은 ${calendar.exact(measuredAt)}이고, ${until}까지만 지금을 말합니다. 그때는 “${then}”`,
      en: `The last measurement is of ${calendar.exact(measuredAt)} and speaks of the present until ${until} only. Then: “${then}”`,
    })}
  </p>`
}

/** When the next word comes, and what was said so far. */
function story(view: View, incident: Incident): string {
  const { calendar, snapshot } = view
  const heading = snapshot.open.length === 1 ? say(view, { ko: '경과', en: 'Updates' }) : say(view, incident.title)
  const due =
    incident.nextUpdateAt === null
      ? ''
      : html`<p class="due">
          <span>${say(view, { ko: '다음 소식, 늦어도', en: 'Next word, at the latest' })}</span>
          <b>${calendar.near(incident.nextUpdateAt, snapshot.madeAt)}</b>
          <small>${say(view, { ko: '그 전에 달라지면 바로 알립니다.', en: 'Earlier when something changes.' })}</small>
        </p>`
  return html`!${due}
    <section class="story" id="incident-${incident.incidentId}">
      <h2>${heading}</h2>
      !${timelineOf(view, incident, STATEMENTS_MAX)}
      <p class="more">
        <a href="${view.home}${incidentPath(incident.incidentId)}">${say(view, { ko: '이 장애의 페이지', en: 'The page of this incident' })}</a>
      </p>
    </section>`
}

/** Facts of a calm day, each from the record. Counts instead of empty charts [S2]. */
function calmFacts(view: View): string {
  const { snapshot, language } = view
  const facts: string[] = []
  const put = (name: Text, value: string, small: string): void => void facts.push(fact(view, name, html`${value}`, html`${small}`))
  const last = snapshot.incidents.find(({ endedAt }) => endedAt !== null)
  if (last !== undefined && last.endedAt !== null)
    put({ ko: '마지막 장애', en: 'Last incident' }, agoOf(snapshot.madeAt - last.endedAt, language), say(view, last.title))
  const { tried, failed } = triesIn(snapshot.latency)
  const missed = say(view, { ko: `${countOf(failed)}번 닿지 못함`, en: `${countOf(failed)} did not arrive` })
  const arrived = failed === 0 ? say(view, { ko: '모두 닿음', en: 'all arrived' }) : missed
  if (tried > 0)
    put({ ko: '지난 24시간 보내 본 메시지', en: 'Test messages in 24 hours' }, say(view, { ko: `${countOf(tried)}번`, en: countOf(tried) }), arrived)
  const { p50Ms = null, p99Ms = null } = snapshot.latency.findLast((point) => point.p50Ms !== null) ?? {}
  const slow = p99Ms === null ? null : { ko: `느린 1%는 ${latencyOf(p99Ms, 'ko')}`, en: `slowest 1%: ${latencyOf(p99Ms, 'en')}` }
  if (p50Ms !== null) put({ ko: '메시지가 닿기까지', en: 'A message takes' }, latencyOf(p50Ms, language), slow === null ? '' : say(view, slow))
  return facts.length === 0 ? '' : confirmed('div', html`<dl class="facts tall">!${facts.join('')}</dl>`, '')
}

function planned(view: View): string {
  const coming = view.snapshot.maintenances.filter(({ status }) => status !== 'completed')
  if (coming.length === 0) return ''
  const cards = coming.toSorted((one, other) => one.scheduledFor - other.scheduledFor).map((each) => maintenanceCard(view, each))
  return section(view, { ko: '예정된 점검', en: 'Planned maintenance' }, ...cards)
}

function components(view: View): string {
  const key = (kind: string, words: string): string => html`<span class="${kind}">${words}</span>`
  return html`<section class="parts">
    <div class="head">
      <h2>${say(view, { ko: '구성 요소', en: 'Components' })}, ${measuredSpan(view)}</h2>
      <p class="key" aria-hidden="true">
        !${key('ok', say(view, { ko: '정상', en: 'well' }))}!${key('some', say(view, { ko: '작은 영향', en: 'some affected' }))}!${key('bad', say(view, { ko: '큰 영향', en: 'many affected' }))}!${key('unseen', say(view, { ko: '관측 못 함', en: 'not seen' }))}
      </p>
    </div>
    <ul class="card comps">
      !${view.snapshot.components.map((state) => componentRow(view, state)).join('')}
    </ul>
    <p class="note">
      ${say(view, { ko: '칸 하나가 하루입니다. 관측하지 못한 만큼은 비워 두고 정상에 넣지 않습니다.', en: 'Each bar is a day. Time that was not seen stays hollow and is not counted as well.' })}
      <a href="${view.home}uptime.html">${say(view, { ko: '날짜별 표', en: 'Day by day' })}</a>
    </p>
  </section>`
}

function past(view: View): string {
  const over = view.snapshot.incidents.filter((incident) => incident.endedAt !== null && !isOpen(incident)).slice(0, PAST_MAX)
  const rows = over.map((incident) => pastRow(view, incident))
  const body =
    rows.length === 0
      ? html`<p class="quiet">${say(view, { ko: '알린 장애가 없습니다.', en: 'No incident was told of.' })}</p>`
      : html`<ul class="card past">
          !${rows.join('')}
        </ul>`
  const more = html`<p class="more">
    <a href="${view.home}history.html">${say(view, { ko: '지난 90일 모두 보기', en: 'All of the last 90 days' })}</a>
  </p>`
  return section(view, { ko: '지난 장애', en: 'Past incidents' }, body, more)
}

/** One line about a resolved incident. */
export function pastRow(view: View, incident: Incident): string {
  const { calendar, language, snapshot } = view
  const { share, endedAt, spans } = incident
  const words = [
    calendar.moment(incident.startedAt),
    endedAt === null ? say(view, { ko: '이어지는 중', en: 'lasting' }) : durationOf(lastedMs(spans, snapshot.madeAt), language),
    share === null ? '' : `${percentOf(share.value)} ${say(view, shareName(share))}`,
    componentNames(language, componentsHit(incident)),
  ]
  return html`<li>
    <a href="${view.home}${incidentPath(incident.incidentId)}"
      ><b>${say(view, incident.title)}</b><span>${words.filter((word) => word !== '').join(' · ')}</span></a
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
  return html`<section class="follow">
    <h2>${say(view, { ko: '소식 받기', en: 'Be told' })}</h2>
    <div>
      !${form}
      <ul class="ways">
        <li><a href="${root}history.atom">Atom</a></li>
        <li><a href="${root}history.rss">RSS</a></li>
        <li><a href="${root}history.json">JSON Feed</a></li>
        <li><a href="${root}api/v2/summary.json">Statuspage API</a></li>
      </ul>
    </div>
  </section>`
}
