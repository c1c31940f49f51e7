import type { EntryBody } from '@bongsu/protocol'
import { inBoth, type Look } from '../look.ts'

export type PlaceBody = Extract<EntryBody, { kind: 'place' }>

export const placeTexts = inBoth(
  {
    here: (metres: string) => `현재 위치 (오차 ${metres}m)`,
    send: '내 위치 보내기',
    failed: '위치를 알 수 없어요. 브라우저의 위치 권한을 확인해 주세요.',
  },
  {
    here: (metres) => `My location (within ${metres} m)`,
    send: 'Send my location',
    failed: 'Your location is not known. Check the location permission of the browser.',
  },
)

export const place: Look<PlaceBody> = {
  shape: () => 'bubble',
  words: ({ withinM }, _author, { language }) => placeTexts[language].here(withinM.toLocaleString(language)),
  named: true,
  copied({ geo }) {
    const [latitude = '', longitude = ''] = geo.split(',')
    return `📍 ${latitude}, ${longitude}\nhttps://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`
  },
  acts: ['reply', 'react', 'copy', 'select', 'details', 'report', 'block', 'hide', 'erase'],
}
