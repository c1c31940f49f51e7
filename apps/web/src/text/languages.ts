import { en } from './en.ts'
import { ko } from './ko.ts'
import type { Language } from './language.ts'
import type { Texts } from './texts.ts'

const tables: Readonly<Record<Language, Texts>> = { ko, en }

export function textsOf(language: Language): Texts {
  return tables[language]
}
