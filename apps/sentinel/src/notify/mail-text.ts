import { html } from 'ghtml'
import type { IncidentUpdate, MaintenanceUpdate, Share, Text } from '../vocabulary/incident.ts'
import { lastedMs } from '../incident/updates.ts'
import { calendarOf, durationOf, estimateOf, type Language } from '../vocabulary/numbers.ts'
import type { Snapshot } from '../present/snapshot.ts'
import { incidentPath } from '../publish/timeline.ts'
import { pathOf } from '../publish/view.ts'
import { CORRECTION, MAINTENANCE_NAMES, SOURCE_NAMES, STATUS_NAMES } from '../vocabulary/words.ts'
import type { Notice } from './notice.ts'

export type Sender = Pick<Snapshot, 'name' | 'pageUrl' | 'contact' | 'timeZone'>

export interface Told {
  readonly notice: Notice
  /** Number of earlier notices about the same thing that this one replaces. */
  readonly folds: number
}

export interface MailText {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** One part of a mail: a heading, paragraphs, pairs of name and value, and a link to more. */
interface Section {
  readonly heading: string
  readonly when: string
  readonly paragraphs: readonly string[]
  readonly pairs: readonly (readonly [string, string])[]
  readonly link: string
}

/** The mail to a subscriber. Several notices share one mail when the person's allowance was spent. */
export function noticeMail(told: readonly Told[], language: Language, sender: Sender, leaveUrl: string): MailText {
  const sections = told.map((each) => sectionOf(each, language, sender))
  const [first] = sections
  const heading = first?.heading ?? sender.name
  const many = { ko: `소식 ${sections.length}건: ${heading}`, en: `${sections.length} notices: ${heading}` }
  const reason = {
    ko: `${sender.name} 상태 알림을 신청하셔서 보냅니다.`,
    en: `You get this mail because you subscribed to notices about ${sender.name}.`,
  }
  const foot: Foot = { reason: reason[language], link: leaveUrl, linkName: LEAVE[language] }
  return mailOf(sections.length === 1 ? heading : many[language], sections, foot, language, sender, { ko: '자세히', en: 'More' })
}

const LEAVE: Text = { ko: '그만 받기', en: 'Unsubscribe' }

/** Asks whether the reader subscribed. There is no subscription yet. */
export function confirmMail(language: Language, sender: Sender, link: string): MailText {
  const heading = { ko: `${sender.name} 상태 알림을 받으시겠습니까?`, en: `Confirm notices about ${sender.name}` }[language]
  const words: readonly Text[] = [
    {
      ko: '누군가 이 주소로 장애와 점검 알림을 받겠다고 신청했습니다. 본인이 맞다면 아래 주소를 열고 단추를 눌러 주십시오.',
      en: 'Someone entered this address to get notices of outages and maintenance. If it was you, open the link below and press the button.',
    },
    {
      ko: '주소는 24시간 동안 쓸 수 있습니다. 신청하지 않으셨다면 아무것도 하지 않으셔도 됩니다. 그러면 알림은 가지 않고, 이 주소는 하루 뒤 지워집니다.',
      en: 'The link is valid for 24 hours. If it was not you, do nothing: we send no notices and delete this address after a day.',
    },
  ]
  const section: Section = { heading, when: '', paragraphs: words.map((text) => text[language]), pairs: [], link }
  return mailOf(heading, [section], null, language, sender, { ko: '알림 받기', en: 'Confirm' })
}

/** For a person who subscribed again. Only the mailbox gets this answer, so the form reveals nothing about who is subscribed. */
export function knownMail(language: Language, sender: Sender, leaveUrl: string): MailText {
  const heading = { ko: `${sender.name} 상태 알림을 이미 받고 계십니다`, en: `You already get notices about ${sender.name}` }[language]
  const words = {
    ko: '이 주소로 다시 신청이 들어왔습니다. 하실 일은 없습니다.',
    en: 'Someone entered this address again. You do not need to do anything.',
  }
  const link = `${sender.pageUrl}/${pathOf(language, 'index.html')}`
  const section: Section = { heading, when: '', paragraphs: [words[language]], pairs: [], link }
  const foot: Foot = { reason: '', link: leaveUrl, linkName: LEAVE[language] }
  return mailOf(heading, [section], foot, language, sender, { ko: '상태 보기', en: 'Open the status page' })
}

function sectionOf({ notice, folds }: Told, language: Language, sender: Sender): Section {
  const section = notice.kind === 'incident' ? ofIncident(notice.update, language, sender) : ofMaintenance(notice.update, language, sender)
  if (folds === 0) return section
  const words =
    language === 'ko'
      ? `그사이의 알림 ${folds}건은 따로 보내지 않고 이 메일 하나로 대신합니다.`
      : `This mail replaces ${folds} earlier ${folds === 1 ? 'notice' : 'notices'} that ${folds === 1 ? 'was' : 'were'} not sent.`
  return { ...section, paragraphs: [...section.paragraphs, words] }
}

function ofIncident(update: IncidentUpdate, language: Language, sender: Sender): Section {
  const say = ({ ko, en }: Text): string => (language === 'ko' ? ko : en)
  const calendar = calendarOf(sender.timeZone, language)
  const body = say(update.body)
  const paragraphs = body.split('\n').filter((line) => line.trim() !== '')
  if (update.correction !== null) paragraphs.push(`${say(CORRECTION)}: ${say(update.correction)}`)
  const time = (at: number): string => calendar.exact(at)
  const spans = update.spans ?? [{ from: update.startedAt, to: update.endedAt }]
  const pairs: (readonly [Text, string] | null)[] = [
    ...lawfulPairs(update, body, sender.contact, language),
    shareOf(update.share, language),
    shareOf(update.beside ?? null, language),
    [{ ko: '시작', en: 'Began' }, time(update.startedAt)],
    update.detectedAt === null ? null : [{ ko: '감지', en: 'Noticed' }, time(update.detectedAt)],
    update.endedAt === null
      ? null
      : [{ ko: '끝', en: 'Ended' }, `${time(update.endedAt)} (${durationOf(lastedMs(spans, update.endedAt), language)})`],
    update.nextUpdateAt === null
      ? null
      : [
          { ko: '다음 알림', en: 'Next word' },
          say({ ko: `늦어도 ${calendar.near(update.nextUpdateAt, update.at)}`, en: `by ${calendar.near(update.nextUpdateAt, update.at)}` }),
        ],
  ]
  return {
    heading: `${say(STATUS_NAMES[update.status])}: ${say(update.title)}`,
    when: `${calendar.exact(update.at)} · ${calendar.zone}`,
    paragraphs,
    pairs: pairs.filter((pair) => pair !== null).map(([name, value]) => [say(name), value] as const),
    link: `${sender.pageUrl}/${pathOf(language, incidentPath(update.incidentId))}`,
  }
}

const RESPONSES: Readonly<Record<IncidentUpdate['status'], Text>> = {
  investigating: { ko: '조사하고 있습니다.', en: 'We are investigating.' },
  identified: { ko: '원인을 찾아 고치고 있습니다.', en: 'The cause is known and is being fixed.' },
  monitoring: { ko: '고쳤고, 지켜보고 있습니다.', en: 'A fix is in place and we are watching it.' },
  resolved: { ko: '해결되었습니다.', en: 'The incident is resolved.' },
  postmortem: { ko: '해결된 뒤의 분석을 덧붙였습니다.', en: 'The incident is resolved. This is the review.' },
}

/**
 * The fact, its cause, the state of the response and the contact: what people must be told by law. The sentinel's own statements contain them. A
 * person in a hurry may have left some out.
 */
function lawfulPairs(update: IncidentUpdate, body: string, contact: string, language: Language): readonly (readonly [Text, string])[] {
  const pairs: (readonly [Text, string])[] = []
  const says = (ko: string, en: string): boolean => body.includes(`■ ${language === 'ko' ? ko : en}:`)
  if (!says('사실', 'What')) pairs.push([{ ko: '사실', en: 'What' }, update.title[language]])
  if (!says('원인', 'Cause')) {
    const cause: Text =
      update.status === 'investigating'
        ? { ko: '아직 밝혀지지 않았습니다.', en: 'Not yet known.' }
        : { ko: '이 알림에는 적지 않았습니다.', en: 'Not stated in this notice.' }
    pairs.push([{ ko: '원인', en: 'Cause' }, cause[language]])
  }
  if (!says('대응', 'Response')) pairs.push([{ ko: '대응', en: 'Response' }, RESPONSES[update.status][language]])
  if (contact !== '' && !says('문의', 'Contact')) pairs.push([{ ko: '문의', en: 'Contact' }, contact])
  return pairs
}

function shareOf(share: Share | null, language: Language): readonly [Text, string] | null {
  if (share === null) return null
  const name = share.kind === 'silent' ? { ko: '연락이 끊긴 사람', en: 'Fell silent' } : { ko: '영향', en: 'Affected' }
  return [name, `${estimateOf(share, language)} · ${SOURCE_NAMES[share.source][language]}`]
}

function ofMaintenance(update: MaintenanceUpdate, language: Language, sender: Sender): Section {
  const calendar = calendarOf(sender.timeZone, language)
  const name = (text: Text): string => text[language]
  const pairs: (readonly [string, string])[] = [
    [name({ ko: '시간', en: 'When' }), `${calendar.moment(update.scheduledFor)} – ${calendar.near(update.scheduledUntil, update.scheduledFor)}`],
  ]
  if (sender.contact !== '') pairs.push([name({ ko: '문의', en: 'Contact' }), sender.contact])
  return {
    heading: `${name({ ko: '점검', en: 'Maintenance' })} ${name(MAINTENANCE_NAMES[update.status]).toLowerCase()}: ${name(update.title)}`,
    when: `${calendar.exact(update.at)} · ${calendar.zone}`,
    paragraphs: name(update.body)
      .split('\n')
      .filter((line) => line.trim() !== ''),
    pairs,
    link: `${sender.pageUrl}/${pathOf(language, 'history.html')}#maintenance-${update.maintenanceId}`,
  }
}

interface Foot {
  readonly reason: string
  readonly link: string
  readonly linkName: string
}

function mailOf(heading: string, sections: readonly Section[], foot: Foot | null, language: Language, { name }: Sender, more: Text): MailText {
  const text = plain(sections, foot, more[language])
  return { subject: `[${name}] ${heading}`, text, html: rich(sections, foot, language, more[language]) }
}

function plain(sections: readonly Section[], foot: Foot | null, more: string): string {
  const parts = sections.map(({ heading, when, paragraphs, pairs, link }) =>
    [
      heading,
      ...(when === '' ? [] : [when]),
      '',
      ...paragraphs,
      ...(pairs.length === 0 ? [] : ['']),
      ...pairs.map(([name, value]) => `${name}: ${value}`),
      '',
      `${more}: ${link}`,
    ].join('\n'),
  )
  // Mail programs fold away what follows two hyphens and a space (RFC 3676, 4.3).
  const end = foot === null ? '' : `\n\n-- \n${foot.reason === '' ? '' : `${foot.reason}\n`}${foot.linkName}: ${foot.link}`
  return `${parts.join('\n\n* * *\n\n')}${end}\n`
}

// Mail programs hardly support style sheets: colours are set on each element, and dark mode is left to the program.
function rich(sections: readonly Section[], foot: Foot | null, language: Language, more: string): string {
  const parts = sections.map(
    ({ heading, when, paragraphs, pairs, link }) =>
      html`<h1 style="margin:0 0 4px;font-size:20px;line-height:1.35">${heading}</h1>
        !${when === '' ? '' : html`<p style="margin:0 0 16px;font-size:13px;opacity:.75">${when}</p>`}
        !${paragraphs.map((line) => html`<p style="margin:0 0 10px">${line}</p>`).join('')}
        !${
          pairs.length === 0
            ? ''
            : html`<table style="margin:14px 0;border-collapse:collapse">
                !${pairs
                  .map(
                    ([name, value]) =>
                      html`<tr>
                        <td style="padding:3px 16px 3px 0;vertical-align:top;opacity:.75;white-space:nowrap">${name}</td>
                        <td style="padding:3px 0">${value}</td>
                      </tr>`,
                  )
                  .join('')}
              </table>`
        }
        <p style="margin:16px 0 0"><a href="${link}" style="font-weight:600">${more}</a></p>`,
  )
  const end =
    foot === null ? '' : html`<p style="margin:28px 0 0;font-size:13px;opacity:.75">${foot.reason} <a href="${foot.link}">${foot.linkName}</a></p>`
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="color-scheme" content="light dark" />
      </head>
      <body style="margin:0;padding:24px 16px">
        <div style="max-width:600px;margin:0 auto;font:15px/1.6 system-ui,sans-serif;word-break:keep-all;overflow-wrap:anywhere">
          !${parts.join('<hr style="margin:28px 0;border:0;border-top:1px solid;opacity:.3">')}!${end}
        </div>
      </body>
    </html> `
}
