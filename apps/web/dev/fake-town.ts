import { EMPTY_STATE, NO_ITEMS, type ReplicaState, type Room } from '@bongsu/client'
import { actIn } from './fake-marks.ts'
import type { AccountId, ClientMessageId, ConversationId, Entry, Person, Profile } from '@bongsu/protocol'

/** A small town for looking at the screen during development. Never part of the build. */

const minuteMs = 60_000
const id = (kind: number, n: number): string => `0192f0c1-000${kind}-7000-8000-${n.toString(16).padStart(12, '0')}`
const names = [
  '김서연',
  '이도현',
  '박준호',
  '최은서',
  '정하윤',
  '강민재',
  '조수아',
  '윤지호',
  '장예린',
  '임태오',
  '한소율',
  '오시우',
  '서다은',
  '신유찬',
  '권나연',
  '황보 미르',
  '안재희',
  '송하람',
  '류이안',
  '홍길동',
  '엄마',
  '아빠',
  'Alexandra Featherstonehaugh-Montgomery',
  '가나다라마바사아자차카타파하가나다라마바사아자차카타',
  '남궁민',
  '한강서점',
  '마포구청 재난안전과',
  '성산초 김미경 선생님',
  '🐯 호랑이',
  'Minh Nguyễn',
]

export const me: Profile = { accountId: id(1, 0) as AccountId, handle: 'jiwoo', displayName: '지우', role: 'admin' }
export const people: Person[] = names.map((displayName, n) => ({ accountId: id(1, n + 1) as AccountId, handle: `person.${n + 1}`, displayName }))
/** The element at this index, cyclically. */
function at<T>(things: readonly T[], n: number): T {
  const thing = things[n % things.length]
  if (thing === undefined) throw new Error('a list with nothing in it')
  return thing
}

const person = (n: number): Person => at(people, n)

const talk = [
  '망원 유수지 도착했습니다.',
  '수위 2.1m, 아직 여유 있어요. 펌프 두 대 다 돌아갑니다.',
  '고맙습니다. 합정동 쪽은 제가 볼게요.',
  '합정역 7번 출구 배수구가 막혔습니다. 지금 치우는 중이고\n10분쯤 걸립니다.',
  '모래주머니 20개 가져갑니다 🙏',
  '네!',
  'ㅋㅋㅋ',
  '비 오는 소리가 여기까지 들리네요',
  '혹시 우비 남는 거 있나요? 신입 두 분이 더 오신다고 합니다.',
  '🙏',
  '지하차도는 통제됐습니다. https://www.safekorea.go.kr/idsiSFK/main 에서 확인하세요.',
  '저녁은 컵라면이라도 먹고 합시다',
  '👍👍',
  '안전이 먼저입니다. 무리하지 마세요. 물이 무릎까지 차면 바로 나오셔야 합니다. 둘씩 짝지어 움직이고, 짝이 안 보이면 바로 여기에 올려 주세요.',
]

export function makeEntries(count: number, endsAt: number, writers: readonly AccountId[], from = 1): Entry[] {
  const entries: Entry[] = []
  let time = endsAt
  const steps: number[] = []
  for (let n = 0; n < count; n++) steps.push(n % 7 === 3 ? 37 * minuteMs : n % 3 === 0 ? 2 * minuteMs : 9_000)
  for (let n = count - 1; n >= 0; n--) {
    const seq = from + n
    entries.push({
      seq,
      acceptedAt: time,
      author: at(writers, seq * 7 + Math.floor(seq / 3)),
      id: id(3, seq) as ClientMessageId,
      body: { kind: 'text', text: at(talk, seq * 5) },
    })
    time -= at(steps, n)
  }
  return entries.toReversed()
}

export function makeRoom(
  n: number,
  more: Partial<Room['meta']> & { entries: Entry[]; readSeq?: number; unreadBelow?: number; unread?: [number, number][] },
): Room {
  const { entries, readSeq, unreadBelow = 0, unread = [], ...meta } = more
  const conversationId = id(2, n) as ConversationId
  const cursor = entries.at(-1)?.seq ?? 0
  const kind = meta.kind ?? 'group'
  return {
    conversationId,
    membership: { conversationId, kind, joinedSeq: 1 },
    meta: { kind, title: '', memberCount: 2, people: [], ...meta },
    cursor,
    ranges: [{ first: entries[0]?.seq ?? 1, last: cursor }],
    readSeq: readSeq ?? cursor,
    readSaid: readSeq ?? cursor,
    unreadBelow,
    inexact: false,
    entries,
    unread: new Map(unread),
    ...NO_ITEMS,
  }
}

export function makeTown(now: number): ReplicaState {
  const [kim, lee, park] = [person(0), person(1), person(2)]
  const body = (seq: number, author: AccountId, minutesAgo: number, text: string): Entry => ({
    seq,
    acceptedAt: now - minutesAgo * minuteMs,
    author,
    id: id(3, 9_000 + seq) as ClientMessageId,
    body: { kind: 'text', text },
  })
  const mapo = makeEntries(60, now - 30 * minuteMs, [kim.accountId, me.accountId, park.accountId, lee.accountId], 940)
  mapo.push({
    seq: 1000,
    acceptedAt: now - 28 * minuteMs,
    author: kim.accountId,
    id: id(3, 1000) as ClientMessageId,
    body: { kind: 'invited', accounts: [person(4).accountId, person(5).accountId, person(6).accountId, person(7).accountId, person(8).accountId] },
  })
  mapo.push(
    body(1001, kim.accountId, 9, '망원 유수지 도착했습니다.'),
    body(1002, kim.accountId, 9, '수위 2.1m, 아직 여유 있어요. 펌프 두 대 다 돌아갑니다.'),
    body(1003, me.accountId, 8, '고맙습니다. 합정동 쪽은 제가 볼게요.'),
  )
  mapo.push(
    body(1004, park.accountId, 5, '합정역 7번 출구 배수구가 막혔습니다. 지금 치우는 중이고\n10분쯤 걸립니다.'),
    body(1005, park.accountId, 5, '🔥🔥'),
    body(1006, me.accountId, 4, '모래주머니 20개 가져갑니다 🙏'),
  )
  mapo.push(body(1007, kim.accountId, 2, '현황판 여기요 https://mapo.example.kr/rain/2024?site=망원#now 계속 고치고 있습니다'))
  const answer = '@지우 넵, @이도현 님이랑 같이 갑니다!'
  mapo.push({
    ...body(1008, park.accountId, 1, answer),
    body: {
      kind: 'text',
      text: answer,
      replyTo: 1006,
      mentions: [
        { who: me.accountId, at: 0, length: 3 },
        { who: lee.accountId, at: answer.indexOf('@이'), length: 4 },
      ],
    },
  })
  mapo.push(
    {
      ...body(1009, me.accountId, 1, '고맙습니다'),
      body: { kind: 'text', text: '고맙습니다, 이따 유수지에서 봬요', replyTo: 1001 },
    },
    { ...body(1010, lee.accountId, 0, ''), body: { kind: 'erased' } as unknown as Entry['body'] },
    { ...body(1011, lee.accountId, 0, ''), body: { kind: 'text', text: '예전에 말씀하신 거 이거죠?', replyTo: 12 } },
  )
  const long = Array.from({ length: 34 }, (_, n) => `${n + 1}. ${at(talk, n).replaceAll('\n', ' ')}`).join('\n')
  const rooms = [
    makeRoom(1, {
      title: '마포 자율방재단',
      memberCount: 128,
      people: people.slice(0, 8),
      entries: mapo,
      readSeq: 1004,
      unread: [
        [1001, 41],
        [1002, 41],
        [1003, 38],
        [1004, 52],
        [1005, 52],
        [1006, 60],
        [1007, 97],
        ...mapo.slice(0, 60).map((entry): [number, number] => [entry.seq, entry.seq % 9]),
      ],
    }),
    makeRoom(2, {
      kind: 'direct',
      people: [lee],
      entries: [
        body(1, lee.accountId, 700, '오늘 몇 시에 끝나?'),
        body(2, me.accountId, 690, '여섯 시쯤? 왜'),
        body(3, lee.accountId, 15, '우산 챙겼어? 오늘 많이 온대'),
      ],
      readSeq: 2,
      unread: [
        [1, 0],
        [2, 0],
      ],
    }),
    makeRoom(3, {
      title: '성산초 3학년 2반',
      memberCount: 31,
      people: people.slice(3, 9),
      entries: [body(1, person(27).accountId, 58, '오늘 하교는 후문으로 부탁드립니다')],
      readSeq: 0,
    }),
    makeRoom(4, {
      title: '우리 동네 소식 (망원·합정·서교·연남·성산 주민 모두의 방)',
      memberCount: 3000,
      people: people.slice(10, 16),
      entries: makeEntries(
        40,
        now - 61 * minuteMs,
        people.map((one) => one.accountId),
        4_000,
      ),
      readSeq: 3_000,
      unreadBelow: 1_000,
    }),
    makeRoom(5, { memberCount: 5, people: people.slice(11, 15), entries: [body(1, person(12).accountId, 130, '다음 주 번개는 금요일로 할까요?')] }),
    makeRoom(6, { kind: 'direct', people: [person(25)], entries: [body(1, person(25).accountId, 1_500, '주문하신 책이 도착했어요 📚')] }),
    makeRoom(7, { kind: 'self', memberCount: 1, entries: [body(1, me.accountId, 1_600, '비상연락망 다시 정리하기\n- 통장님\n- 동사무소')] }),
    makeRoom(8, { kind: 'direct', people: [person(20)], entries: [body(1, person(20).accountId, 2_900, '밥은 먹었니')] }),
    makeRoom(9, { memberCount: 3, people: people.slice(16, 18), entries: [body(1, person(16).accountId, 9_000, long)], unread: [[1, 1]] }),
    makeRoom(10, {
      kind: 'direct',
      people: [person(22)],
      entries: [body(1, person(22).accountId, 40_000, 'See you at the river, then — bring the long rope and two lamps, please!')],
    }),
    makeRoom(11, { kind: 'direct', people: [person(23)], entries: [body(1, person(23).accountId, 600_000, '안녕하세요')] }),
  ]
  const first = rooms[0]
  if (first !== undefined) {
    let marked = first
    const react = (seq: number, from: number, to: number, emoji: string): void => {
      for (let n = from; n < to; n++) marked = actIn(marked, seq, person(n).accountId, { kind: 'reaction', value: { emoji } })
    }
    react(1002, 0, 21, '👍')
    react(1002, 21, 24, '❤️')
    react(1006, 3, 9, '❤️')
    react(1006, 9, 11, '😮')
    react(1005, 4, 6, '😆')
    marked = actIn(marked, 1002, me.accountId, { kind: 'reaction', value: { emoji: '❤️' } })
    marked = actIn(marked, 1003, me.accountId, { kind: 'edit', value: { text: '고맙습니다. 합정동 쪽은 제가 볼게요.' } })
    rooms[0] = marked
  }
  return {
    ...EMPTY_STATE,
    features: ['items', 'reply', 'mentions', 'block', 'aside', 'requests', 'added'],
    epoch: 'fake',
    accountId: me.accountId,
    profile: me,
    rooms: new Map(rooms.map((room) => [room.conversationId, room])),
    friends: new Map(people.map((one) => [one.accountId, one])),
    people: new Map(people.map((one) => [one.accountId, one])),
    devices: new Map([
      [id(4, 1), { deviceId: id(4, 1) as never, name: 'Windows Chrome', createdAt: now - 90_000_000 }],
      [id(4, 2), { deviceId: id(4, 2) as never, name: 'Android Samsung Internet', createdAt: now - 900_000_000 }],
    ]),
  }
}

export const deviceId = id(4, 1)
