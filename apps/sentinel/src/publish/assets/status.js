// Keeps the page honest: counts the age of its data, fetches the page anew, and says so when both have stopped. The page reads well without it.
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
  let skewMs = 0
  let lost = root.dataset.mood === 'lost'
  let judging = true

  function measuredAt() {
    return Number(root.dataset.measuredAt) || null
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

  function show() {
    const at = measuredAt()
    if (at === null) return
    const age = Date.now() + skewMs - at
    const time = document.querySelector('[data-age]')
    if (time !== null) {
      if (!time.dataset.exact) time.dataset.exact = time.textContent
      time.textContent = age < 0 ? time.dataset.exact : korean ? ago(age) + ' 측정' : 'Measured ' + ago(age)
    }
    if (judging && !lost && isOld(at)) lose()
  }

  function isOld(at) {
    const age = Date.now() + skewMs - at
    return age > Number(root.dataset.staleAfter) || age < -AHEAD_MS_MAX
  }

  // Nothing is called well from old data: the first section and the state of each component are replaced.
  function lose() {
    const template = document.getElementById('lost')
    const now = document.getElementById('now')
    if (template === null || now === null) return
    lost = true
    now.replaceWith(template.content.cloneNode(true))
    root.dataset.mood = 'lost'
    document.title = document.querySelector('#now h1').textContent
    for (const state of document.querySelectorAll('.state')) {
      state.className = 'state unknown'
      const sign = document.querySelector('#now .sign')
      state.replaceChildren(sign.cloneNode(true), state.dataset.unknown)
    }
  }

  // A reader who is writing an address, or has opened a table, is not disturbed.
  function busy() {
    const email = document.getElementById('email')
    if (email !== null && (document.activeElement === email || email.value !== '')) return true
    return document.querySelector('details[open]') !== null || String(getSelection()) !== ''
  }

  function adopt(text) {
    const fresh = new DOMParser().parseFromString(text, 'text/html')
    const main = fresh.querySelector('main')
    const at = Number(fresh.documentElement.dataset.measuredAt) || null
    const mood = fresh.documentElement.dataset.mood
    if (main === null) return
    // What is the same is left alone; so is a page that still cannot be called new.
    if (at === measuredAt() && (mood === root.dataset.mood || (lost && at !== null && isOld(at)))) return
    if (busy() && !lost && mood === root.dataset.mood) {
      // The same state, measured later: only the age is renewed.
      root.dataset.measuredAt = String(at)
      const time = document.querySelector('[data-age]')
      const newer = fresh.querySelector('[data-age]')
      if (time !== null && newer !== null) {
        time.dataset.exact = newer.textContent
        time.dateTime = newer.dateTime
        time.title = newer.title
      }
      return
    }
    document.querySelector('main').replaceWith(document.adoptNode(main))
    document.title = fresh.title
    root.dataset.mood = mood
    root.dataset.measuredAt = String(at === null ? '' : at)
    lost = mood === 'lost'
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
    if (document.visibilityState === 'hidden' && judging) return
    refresh()
      // No answer is an answer: the age goes on growing, and the page says so.
      .catch(() => undefined)
      .finally(() => {
        judging = true
        show()
      })
  }

  // With a clock that is wrong, the first look would call a good page old: the server's clock is asked before that is said.
  const first = measuredAt()
  if (first !== null && Math.abs(Date.now() - first) > Number(root.dataset.staleAfter)) {
    judging = false
    renew()
  }
  show()
  setInterval(show, 1000)
  setInterval(renew, REFRESH_MS)
  document.addEventListener('visibilitychange', renew)
})()
