import { html } from 'ghtml'
import type { Incident, Share, Text } from '../vocabulary/incident.ts'
import { countOf, estimateOf, intervalOf, percentOf } from '../vocabulary/numbers.ts'
import { say, type View } from './view.ts'
import { SOURCE_NAMES } from '../vocabulary/words.ts'

/** One part of the bar. */
interface Part {
  readonly kind: 'cut' | 'silent' | 'quiet' | 'on'
  readonly name: Text
  /** What it weighs in the bar, in people or tries. */
  readonly weight: number
  readonly value: string
  readonly words: string
}

/**
 * How many people an open incident concerns, in one bar: cut off, not heard from, connected. The three never mix [S9]. Only the share of the incident
 * has an interval. Empty while no share is known.
 * @param now whether it is about the present; who is not heard from, and who can send, is known of the present only.
 */
export function peopleFigure(view: View, incident: Incident, now: boolean): string {
  const { share, beside } = incident
  if (share === null) return ''
  const parts = partsOf(view, share, now)
  const whole = parts.reduce((sum, { weight }) => sum + weight, 0)
  // The share is of whoever was active, and the bar also holds whoever is not heard from.
  const scale = whole === 0 ? 0 : (whole - (parts.find(({ kind }) => kind === 'quiet')?.weight ?? 0)) / whole
  const x = (part: number): number => Math.round(part * scale * 1_000) / 10
  let at = 0
  const boxes = parts.map(({ kind, weight }) => {
    const [from, width] = [at, (100 * weight) / whole]
    at += width
    return `<rect class="${kind}" x="${(from + 0.2).toFixed(2)}%" y="14" width="${Math.max(0.4, width - 0.4).toFixed(2)}%" height="28" rx="3"/>`
  })
  const [low, high] = [x(share.low), x(share.high)]
  const whisker = `<line x1="${low}%" x2="${high}%" y1="6" y2="6"/><line x1="${low}%" x2="${low}%" y1="2" y2="10"/><line x1="${high}%" x2="${high}%" y1="2" y2="10"/>`
  const labels = parts.map(
    ({ kind, name, value, words }) =>
      html`<div class="${kind}">
        <dt>${say(view, name)}</dt>
        <dd><b>${value}</b><small>${words}</small></dd>
      </div>`,
  )
  return html`<figure class="card people">
    <svg aria-hidden="true" focusable="false" width="100%" height="42">
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0v5" /></pattern>
      </defs>
      !${boxes.join('')}!${whisker}
    </svg>
    <dl>!${labels.join('')}</dl>
    <figcaption>
      !${basisWords(view, share)}!${beside === null ? '' : ` ${html`${besideWords(view, share, beside)}`}`}
      <a href="${view.home}uptime.html">${say(view, { ko: '계산하는 법', en: 'How it is computed' })}</a>
    </figcaption>
  </figure>`
}

function partsOf(view: View, share: Share, now: boolean): readonly Part[] {
  const { affected, total, kind, source } = share
  const interval = say(view, {
    ko: `95% 구간 ${intervalOf(share.low, share.high, 'ko')}`,
    en: `95% interval ${intervalOf(share.low, share.high, 'en')}`,
  })
  const people = (count: number): string => say(view, { ko: `${countOf(count)}명`, en: `${countOf(count)} people` })
  const part = (of: Part['kind'], name: Text, weight: number, value: string, text: string): Part => ({ kind: of, name, weight, value, words: text })
  const percent = percentOf(share.value)
  if (source === 'tries') {
    const unsure = now ? say(view, { ko: '몇 분이 그런지는 아직 모릅니다', en: 'how many people is not yet known' }) : ''
    return [
      part('cut', { ko: '실패한 시도', en: 'Tests that failed' }, share.value, percent, `${countOf(affected)} / ${countOf(total)} · ${interval}`),
      part('on', { ko: '성공한 시도', en: 'Tests that worked' }, 1 - share.value, countOf(total - affected), unsure),
    ]
  }
  if (total === 0) return [part('cut', CUT, share.value, percent, interval), part('on', { ko: '나머지', en: 'The others' }, 1 - share.value, '', '')]
  const words = `${people(affected)} · ${interval}`
  const asking = now ? ` · ${say(view, { ko: '우리 쪽 문제인지 알아보는 중', en: 'we are finding out whether it is us' })}` : ''
  const first =
    kind === 'silent'
      ? part('silent', { ko: '한꺼번에 끊김', en: 'Disconnected together' }, affected, percent, words + asking)
      : part('cut', CUT, affected, percent, words)
  const can = now ? say(view, { ko: '보내고 받을 수 있음', en: 'can send and receive' }) : ''
  const on = part('on', { ko: '이어짐', en: 'Connected' }, total - affected, people(total - affected), can)
  const unheard = now ? (view.snapshot.components.find(({ component }) => component === 'messaging')?.judgement.unheard ?? 0) : 0
  if (unheard <= 0) return [first, on]
  const asleep = say(view, { ko: '잠든 전화일 수 있어 장애로 세지 않음', en: 'may be sleeping phones; not counted as affected' })
  return [first, part('quiet', { ko: '소식 없음', en: 'Not heard from' }, unheard, people(unheard), asleep), on]
}

const CUT: Text = { ko: '끊김', en: 'Cut off' }

function basisWords(view: View, share: Share): string {
  const source = say(view, SOURCE_NAMES[share.source])
  const counts = share.total === 0 ? '' : ` ${countOf(share.affected)} / ${countOf(share.total)}`
  return html`${say(view, {
    ko: `근거: ${source}${counts}. 이 장애가 가장 컸던 동안의 값입니다.`,
    en: `Basis: ${source}${counts}. The value is of the time when the incident was at its worst.`,
  })}`
}

function besideWords(view: View, share: Share, beside: Share): string {
  const [source, value] = [SOURCE_NAMES[beside.source], estimateOf(beside, view.language)]
  if (beside.kind !== share.kind)
    return say(view, { ko: `한꺼번에 끊긴 사람은 따로 ${value}입니다.`, en: `Besides, ${value} were disconnected together.` })
  return say(view, {
    ko: `${source.ko}로는 ${value}로, 두 값이 서로 어긋납니다. 어느 쪽이 맞는지는 아직 모릅니다.`,
    en: `By ${source.en} it is ${value}: the two disagree, and which one is right is not yet known.`,
  })
}
