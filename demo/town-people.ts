import type { Chance } from './chance.ts'

export interface TownPerson {
  readonly handle: string
  readonly displayName: string
}

/** Those who talk. Everyone here is made up, as is the town. */
const TALKERS = `
soyeon 김소연 · yeongho 과수원 김영호 · jeongsuk 박정숙 · dohyun 김도현 · sunrye 이순례 · junho 배준호 · eunyoung 최은영 간호사 · hajun 배하준
taesik 오태식 기사 · miran 정미란 · yujin 오유진🥐 · minjae 오민재 · sangcheol 한상철 · bokja 윤복자 · jihun 한지훈 · jisu 한지수 · gaeun 송가은
insu 황인수 · gyeongja 나경자 · yerin 황예린 · doyun 황도윤 · sanggi 변상기 이장 · minseok 강민석 · seongwoo 조성우 · jaehyeok 임재혁 · dongjin 서동진
dongyun 신동윤 · hangyeol 한결 · gyeongtae 문경태 · gibeom 남기범 · ujin 장우진 · daehyeon 권대현 · jiyoung 안지영 · hana 류하나 · sujin 백수진
migyeong 전미경 · yunjeong 허윤정 · eunbi 고은비 · chaewon 손채원 · bonhee 구본희 · hyejin 양혜진 · eunju 심은주 · jihyeon 노지현 · jeongeun 하정은
minji 곽민지 · daeun 성다은 · seonyeong 주선영 · jimin 우지민 · sora 진소라 · hyeonsuk 엄현숙 · misuk 원미숙 · malsun 채말순 · okhee 천옥희
seokjin 석진만 · yeongsu 표영수 · jiyun 도지윤 · narae 금나래 · hyeoncheol 국현철 · lan 응우옌 란 · anna Anna Weber
`

const SURNAMES = `김kim 이lee 박park 최choi 정jung 강kang 조cho 윤yoon 장jang 임lim 한han 오oh 서seo 신shin 권kwon 황hwang 안ahn 송song 전jeon 홍hong 유yoo 고ko 문moon 양yang 손son 배bae 백baek 허heo 남nam 심shim 노noh 하ha 곽kwak 성sung 차cha 주joo 우woo 구koo 민min 진jin 나na 엄eom 원won 천chun 방bang 공gong 현hyun 변byun 석seok 선sun`
const GIVEN = `민준minjun 서연seoyeon 지우jiwoo 서준seojun 하은haeun 도현dohyeon 예준yejun 지민jimin 수아sua 시우siwoo 하윤hayun 주원juwon 지호jiho 윤서yunseo 건우geonwoo 채원chaewon 우진woojin 지아jia 현우hyunwoo 서현seohyun 선우seonwoo 민서minseo 연우yeonwoo 다은daeun 정우jungwoo 유나yuna 승우seungwoo 소율soyul 준영junyoung 예은yeeun 영숙youngsook 정희junghee 미경mikyung 순자soonja 영자youngja 정순jungsoon 경숙kyungsook 은숙eunsook 미숙misook 현숙hyunsook 명숙myungsook 영희younghee 말자malja 옥순oksoon 춘자chunja 복순boksoon 금자geumja 정자jungja 성호sungho 영수youngsoo 상훈sanghoon 동현donghyun 성민sungmin 재영jaeyoung 정훈junghoon 영철youngchul 병철byungchul 종수jongsoo 광수kwangsoo 기철kichul 만수mansoo 태현taehyun 용식yongsik 판석panseok 덕수deoksoo 상우sangwoo 진호jinho 경수kyungsoo 창민changmin 혜진hyejin 은정eunjung 지영jiyoung 수진sujin 미영miyoung 현정hyunjung 선미sunmi 보라bora 아름areum 슬기seulgi 한나hanna 가람garam 나래narae 바다bada 새봄saebom 은채eunchae 유진yujin 태양taeyang 해솔haesol`

function pairs(list: string): { name: string; roman: string }[] {
  return Array.from(list.matchAll(/([가-힣]+)([a-z]+)/g), ([, name = '', roman = '']) => ({ name, roman }))
}

export function talkers(): TownPerson[] {
  return TALKERS.trim()
    .split(/ · |\n/)
    .map((entry) => {
      const space = entry.indexOf(' ')
      return { handle: entry.slice(0, space), displayName: entry.slice(space + 1) }
    })
}

/** Further people of the town, with names of which some, as in life, are shared. */
export function residents(count: number, chance: Chance): TownPerson[] {
  const surnames = pairs(SURNAMES)
  const given = pairs(GIVEN)
  const seen = new Map<string, number>()
  return Array.from({ length: count }, () => {
    // Squared, so that the first surnames are by far the most frequent.
    const surname = surnames[Math.floor(chance.next() ** 2 * surnames.length)] ?? chance.pick(surnames)
    const own = chance.pick(given)
    const base = `${own.roman}.${surname.roman}`
    const times = (seen.get(base) ?? 0) + 1
    seen.set(base, times)
    return { handle: times === 1 ? base : `${base}${times}`, displayName: surname.name + own.name }
  })
}
