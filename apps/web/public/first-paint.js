// Runs before the first paint, so that nobody sees a white flash at night or a word of the wrong language.
// The keys are those of src/adapters/settings-store.ts.
;(function () {
  function read(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const kept = read('bongsu.theme')
  const bySystem = matchMedia('(prefers-color-scheme: dark)').matches ? 'night' : 'day'
  const theme = kept === 'day' || kept === 'night' ? kept : bySystem
  document.documentElement.dataset.theme = theme
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', theme === 'night' ? '#121625' : '#fffdfa')
  const chosen = read('bongsu.language')
  const spoken = (navigator.language || 'ko').toLowerCase().startsWith('ko') ? 'ko' : 'en'
  document.documentElement.lang = chosen === 'ko' || chosen === 'en' ? chosen : spoken
})()
