// Keeps the page honest: shows words about the present only while they are of the present, counts the age of the data, and fetches the page anew.
// Until this script or the sentinel's own server confirms it, the page says that it cannot know the present [S15].
;(function () {
  'use strict'
  const REFRESH_MS = 15000
  const FETCH_MS_MAX = 10000
  // A clock that differs by less is called right: the date of an answer has whole seconds only.
  const SKEW_MS = 2000
  // Measured further ahead than this: not by the clock we compare with.
  const AHEAD_MS_MAX = 60000
  const root = document.documentElement
  const korean = root.lang === 'ko'
  const name = document.title
  let skewMs = 0
  let adopted = ''

  function timeOf(which) {
    return Number(root.dataset[which]) || null
  }

  function ago(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000))
    const minutes = Math.floor(seconds / 60)
    const hours = Math.floor(minutes / 60)
    const days = Math.floor(hours / 24)
    if (seconds < 1) return korean ? '방금' : 'just now'
    if (seconds < 60) return korean ? seconds + '초 전' : seconds + ' s ago'
    if (minutes < 60) return korean ? minutes + '분 전' : minutes + ' min ago'
    if (hours < 48) return korean ? hours + '시간 ' + (minutes % 60) + '분 전' : hours + ' h ' + (minutes % 60) + ' min ago'
    return korean ? days + '일 ' + (hours % 24) + '시간 전' : days + ' d ' + (hours % 24) + ' h ago'
  }

  // Shows the present, or that it is not known.
  function show() {
    const now = Date.now() + skewMs
    const at = timeOf('measuredAt')
    const current = at !== null && root.dataset.mood !== 'lost' && now <= timeOf('expiresAt') && at - now <= AHEAD_MS_MAX
    if (current !== 'current' in root.dataset) {
      if (current) root.dataset.current = ''
      else delete root.dataset.current
    }
    const heading = document.querySelector(current ? '.present h1' : 'h1:not(.present h1)')
    if (heading !== null) document.title = heading.textContent.trim() + ' · ' + name
    const time = document.querySelector('[data-age]')
    if (at === null || time === null) return
    if (!time.dataset.exact) time.dataset.exact = time.textContent
    time.textContent = now < at ? time.dataset.exact : korean ? ago(now - at) + ' 측정' : 'Measured ' + ago(now - at)
  }

  // A reader who is writing an address, or has opened a table, is not disturbed.
  function busy() {
    const email = document.getElementById('email')
    if (email !== null && (document.activeElement === email || email.value !== '')) return true
    return document.querySelector('details[open]') !== null || String(getSelection()) !== ''
  }

  function adopt(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html')
    if (text === adopted || fresh.querySelector('main') === null || fresh.getElementById('age') === null) return
    adopted = text
    const mood = fresh.documentElement.dataset.mood
    const swap = (what) => document.querySelector(what).replaceWith(document.adoptNode(fresh.querySelector(what)))
    swap('#age')
    // The same state, measured later: a reader who is busy sees the new age alone.
    if (!busy() || mood !== root.dataset.mood) swap('main')
    root.dataset.mood = mood
    root.dataset.measuredAt = fresh.documentElement.dataset.measuredAt || ''
    root.dataset.expiresAt = fresh.documentElement.dataset.expiresAt || ''
  }

  async function refresh() {
    const asked = Date.now()
    const answer = await fetch(location.pathname, { cache: 'no-cache', signal: AbortSignal.timeout(FETCH_MS_MAX) })
    const date = Date.parse(answer.headers.get('date') || '')
    // What a cache kept is as old as its Age says.
    const heldMs = (Number(answer.headers.get('age')) || 0) * 1000
    if (!Number.isNaN(date)) {
      const skew = date + heldMs + 500 - (asked + Date.now()) / 2
      skewMs = Math.abs(skew) > SKEW_MS ? skew : 0
    }
    if (answer.ok) adopt(await answer.text())
  }

  function renew() {
    if (document.visibilityState === 'hidden' && 'current' in root.dataset) return
    refresh()
      // No answer is an answer: the age goes on growing, and the page says so.
      .catch(() => undefined)
      .finally(show)
  }

  // Before the page is drawn, so that nobody sees it change.
  show()
  // Old, or a clock that is wrong: the host's clock decides.
  if (!('current' in root.dataset)) renew()
  setInterval(show, 1000)
  setInterval(renew, REFRESH_MS)
  document.addEventListener('visibilitychange', renew)
  document.addEventListener('DOMContentLoaded', show)
})()
