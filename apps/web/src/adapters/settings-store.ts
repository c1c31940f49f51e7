import { useSyncExternalStore } from 'react'
import { textsOf } from '../text/languages.ts'
import type { Language } from '../text/language.ts'
import type { Texts } from '../text/texts.ts'

/** Settings of a person on this device. Null follows the system. */
export interface Settings {
  readonly language: Language | null
  readonly theme: 'day' | 'night' | null
}

// localStorage instead of IndexedDB: public/first-paint.js must read the value before the first paint.
const languageKey = 'bongsu.language'
const themeKey = 'bongsu.theme'

const dark = matchMedia('(prefers-color-scheme: dark)')
const listeners = new Set<() => void>()
let settings = readSettings()

function readSettings(): Settings {
  const [language, theme] = [readItem(languageKey), readItem(themeKey)]
  return {
    language: language === 'ko' || language === 'en' ? language : null,
    theme: theme === 'day' || theme === 'night' ? theme : null,
  }
}

function readItem(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function writeItem(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Without storage the choice lasts as long as the window.
    return
  }
}

export function languageOf({ language }: Settings): Language {
  return language ?? (navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en')
}

function paint(): void {
  const root = document.documentElement
  const theme = settings.theme ?? (dark.matches ? 'night' : 'day')
  const language = languageOf(settings)
  // At the start public/first-paint.js has done the same. Setting a language, even the same, styles the whole page anew.
  if (root.lang === language && root.dataset['theme'] === theme) return
  root.dataset['theme'] = theme
  root.lang = language
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', theme === 'night' ? '#121625' : '#fffdfa')
}

dark.addEventListener('change', paint)
paint()

export function changeSettings(change: Partial<Settings>): void {
  settings = { ...settings, ...change }
  writeItem(languageKey, settings.language)
  writeItem(themeKey, settings.theme)
  paint()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, () => settings)
}

export function useLanguage(): Language {
  return languageOf(useSettings())
}

/** The texts of the chosen language. */
export function useTexts(): Texts {
  return textsOf(useLanguage())
}
