import { BAKERY_TALK, FRIEND_TALK } from './talk/friends.ts'
import { FAMILY_TALK, GRANDMOTHER_TALK } from './talk/families.ts'
import { BOOK_TALK, CHOIR_TALK, FARM_TALK, FLOOD_TALK, FOOTBALL_TALK, SCHOOL_TALK, TEEN_TALK } from './talk/groups.ts'
import { LONG_TEXTS } from './talk/long-texts.ts'
import { CAT_TALK, FLATS_TALK, HIKING_TALK, MARKET_TALK, WALK_TALK } from './talk/neighbours.ts'
import { MORE_PLAIN_TALK, MORE_POLITE_TALK } from './talk/more.ts'
import { FAMILY_REPLIES, PLAIN_REPLIES, POLITE_REPLIES, POLITE_TALK } from './talk/polite.ts'
import { MOTHER_DAUGHTER_TALK, NOTES_TALK, SHOP_TALK, SQUARE_TALK, WOMEN_TALK, YOUTH_TALK } from './talk/square.ts'

/** How a room of the town is made: who is in it, what is said there, and when. */
export interface RoomPlan {
  readonly title: string
  readonly kind: 'direct' | 'group' | 'self'
  /** Handles; the first one founds the room. */
  readonly members: readonly string[]
  /** Who speaks in a role; everyone else speaks as A, B, C, D. */
  readonly roles: Readonly<Record<string, string>>
  readonly talk: readonly string[]
  readonly long: readonly string[]
  readonly replies: readonly string[]
  readonly lines: number
  /** Days since the first line. */
  readonly days: number
  readonly hours: keyof typeof HOURS
}

/** How much is said in each hour from midnight. Nights are quiet. */
export const HOURS = {
  day: [0, 0, 0, 0, 0, 0, 2, 5, 7, 7, 6, 6, 9, 8, 6, 6, 6, 8, 10, 10, 9, 7, 3, 0],
  early: [0, 0, 0, 0, 0, 6, 10, 9, 7, 5, 4, 5, 8, 6, 3, 3, 4, 6, 8, 8, 5, 2, 0, 0],
  evening: [0, 0, 0, 0, 0, 0, 1, 4, 3, 2, 2, 2, 6, 4, 2, 3, 6, 8, 10, 12, 12, 11, 7, 2],
} as const

/** All members by handle; with roles as `role=handle`. */
function plan(
  title: string,
  kind: RoomPlan['kind'],
  who: string,
  lines: number,
  days: number,
  rest: Partial<RoomPlan> & { talk: readonly string[] },
): RoomPlan {
  const parts = who.split(' ').map((part) => part.split('='))
  const roles = Object.fromEntries(parts.filter((part) => part.length === 2)) as Record<string, string>
  return {
    title,
    kind,
    members: parts.map((part) => part.at(-1) ?? ''),
    roles,
    lines,
    days,
    long: [],
    replies: POLITE_REPLIES,
    hours: 'day',
    ...rest,
  }
}

const family = { talk: [FAMILY_TALK], long: LONG_TEXTS['family'] ?? [], replies: FAMILY_REPLIES, hours: 'evening' } as const
const friends = { talk: [FRIEND_TALK, MORE_PLAIN_TALK], replies: PLAIN_REPLIES, hours: 'evening' } as const

/** Everybody in the town is in this one. */
export const TOWN_ROOM = plan('달여울 사람들', 'group', '이장=sanggi 책방지기=soyeon 기사=taesik 간호사=eunyoung 방재단=junho', 2_400, 50, {
  talk: [SQUARE_TALK, POLITE_TALK, MORE_POLITE_TALK],
  long: LONG_TEXTS['town'] ?? [],
})

export const ROOM_PLANS: readonly RoomPlan[] = [
  plan('', 'direct', 'soyeon junho', 900, 150, friends),
  plan('', 'direct', '엄마=jeongsuk 딸=soyeon', 350, 170, { ...family, talk: [MOTHER_DAUGHTER_TALK], long: [] }),
  plan('', 'direct', '책방지기=soyeon 손님=hana', 200, 160, { talk: [SHOP_TALK], hours: 'evening' }),
  plan('', 'direct', 'minseok jaehyeok', 850, 120, friends),
  plan('', 'self', '나=soyeon', 150, 180, { talk: [NOTES_TALK], replies: ['확인', '끝', '✔️'] }),
  plan('우리집 🍎', 'group', '엄마=jeongsuk 아빠=yeongho 딸=soyeon 아들=dohyun 할머니=sunrye', 900, 180, {
    ...family,
    talk: [FAMILY_TALK, GRANDMOTHER_TALK],
  }),
  plan('오씨네', 'group', '아빠=taesik 엄마=miran 딸=yujin 아들=minjae', 800, 170, family),
  plan('한가네 식구들', 'group', '아빠=sangcheol 엄마=bokja 아들=hangyeol 딸=jisu', 700, 180, family),
  plan('황금가족', 'group', '아빠=insu 엄마=gyeongja 딸=yerin 아들=doyun', 650, 170, family),
  plan('달여울초 4학년 2반', 'group', '선생님=jihun eunyoung gaeun jiyoung migyeong yunjeong lan hyejin eunju seonyeong dongyun narae', 1_000, 110, {
    talk: [SCHOOL_TALK, POLITE_TALK, MORE_POLITE_TALK],
    long: LONG_TEXTS['school'] ?? [],
  }),
  plan('2-3 단톡 🔥', 'group', '반장=hajun minjae doyun hangyeol jimin chaewon', 1_100, 90, {
    talk: [TEEN_TALK, FRIEND_TALK, MORE_PLAIN_TALK],
    replies: PLAIN_REPLIES,
    hours: 'evening',
  }),
  plan('사과 작목반', 'group', '작목반장=yeongho insu gyeongtae gibeom sangcheol daehyeon bonhee', 1_000, 140, {
    talk: [FARM_TALK, POLITE_TALK, MORE_POLITE_TALK],
    long: LONG_TEXTS['farm'] ?? [],
    hours: 'early',
  }),
  plan('여울천 자율방재단', 'group', '단장=junho seokjin minseok taesik gibeom sujin hyeoncheol dongjin yeongsu insu', 1_100, 130, {
    talk: [FLOOD_TALK, POLITE_TALK, MORE_POLITE_TALK],
    long: LONG_TEXTS['flood'] ?? [],
  }),
  plan('책방 반딧불 모임', 'group', '책방지기=soyeon hana jiyun daeun jihyeon anna jeongeun', 800, 140, {
    talk: [BOOK_TALK, POLITE_TALK, MORE_POLITE_TALK],
    long: LONG_TEXTS['books'] ?? [],
    hours: 'evening',
  }),
  plan('찬양대', 'group', '지휘자=gaeun bokja misuk hyeonsuk seongwoo okhee minji gyeongtae', 750, 150, {
    talk: [CHOIR_TALK, POLITE_TALK, MORE_POLITE_TALK],
  }),
  plan('달여울FC ⚽', 'group', '주장=minseok seongwoo jaehyeok dongjin dongyun hangyeol ujin daehyeon junho', 800, 120, {
    talk: [FOOTBALL_TALK, FRIEND_TALK, MORE_PLAIN_TALK],
    replies: PLAIN_REPLIES,
    hours: 'evening',
  }),
  plan('여울마루아파트 입주민', 'group', '관리소장=hyeoncheol jiyoung sora eunbi migyeong jisu ujin seonyeong yunjeong anna', 800, 120, {
    talk: [FLATS_TALK, POLITE_TALK, MORE_POLITE_TALK],
  }),
  plan('달여울 청년회', 'group', '회장=jaehyeok yujin hana eunbi ujin jiyun daeun minji soyeon', 700, 130, {
    talk: [YOUTH_TALK, POLITE_TALK, MORE_POLITE_TALK],
    hours: 'evening',
  }),
  plan('부녀회', 'group', '회장=jeongsuk miran gyeongja malsun okhee misuk hyeonsuk bokja', 600, 150, {
    talk: [WOMEN_TALK, POLITE_TALK, MORE_POLITE_TALK],
  }),
  plan('횃불재 산악회 ⛰️', 'group', '산행대장=seokjin sangcheol yeongsu hyejin eunju bonhee seongwoo', 650, 150, {
    talk: [HIKING_TALK, POLITE_TALK, MORE_POLITE_TALK],
  }),
  plan('느티나무 고양이 밥당번 🐈', 'group', 'narae sora jimin chaewon daeun lan', 700, 140, {
    talk: [CAT_TALK, POLITE_TALK, MORE_POLITE_TALK],
    hours: 'evening',
  }),
  plan('여울빵집 🥐', 'group', '사장=yujin yerin jimin chaewon', 700, 130, { talk: [BAKERY_TALK, POLITE_TALK, MORE_POLITE_TALK], hours: 'early' }),
  plan('보건지소 걷기 모임', 'group', '간호사=eunyoung bokja malsun sunrye okhee yeongsu sujin misuk', 700, 150, {
    talk: [WALK_TALK, POLITE_TALK, MORE_POLITE_TALK],
    hours: 'early',
  }),
  plan('달여울 장터', 'group', 'bonhee lan gyeongtae miran malsun jeongeun', 700, 140, { talk: [MARKET_TALK, POLITE_TALK, MORE_POLITE_TALK] }),
]
