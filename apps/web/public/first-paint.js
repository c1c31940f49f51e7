// Runs before the first paint, so that nobody sees a white flash at night or a word of the wrong language.
// The keys are those of src/adapters/settings-store.ts.
;(function () {
  var root = document.documentElement
  function read(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  var theme = read('bongsu.theme')
  if (theme !== 'day' && theme !== 'night') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day'
  root.dataset.theme = theme
  var colour = document.querySelector('meta[name="theme-color"]')
  if (colour) colour.setAttribute('content', theme === 'night' ? '#151924' : '#fffdfa')
  var language = read('bongsu.language')
  if (language !== 'ko' && language !== 'en') language = (navigator.language || 'ko').toLowerCase().indexOf('ko') === 0 ? 'ko' : 'en'
  root.lang = language
})()
