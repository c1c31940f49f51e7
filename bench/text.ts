/** What is said: as long as messages are. */
export const TEXT = '내일 저녁 7시에 역 앞에서 만나요. 늦으면 연락 주세요! 🙂'
