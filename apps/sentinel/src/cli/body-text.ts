import type { Text } from '../incident/incident.ts'
import { TEXT_BOUNDS } from '../incident/updates.ts'
import { speaker, type Terminal } from './terminal.ts'
import type { Reader } from './values.ts'

/** Two longest texts of four bytes a character, and room for explanations. */
const inputBytesMax = 2 * TEXT_BOUNDS.bodyCodePointsMax * 4 + 4_096

/**
 * The text of an update: from the flags, or from piped input, or from an editor when a person is there. A line of three hyphens separates the Korean
 * and the English text. Without it the text counts for both languages.
 *
 * @returns null when there is no text.
 */
export async function readBody(reader: Reader, terminal: Terminal, about: string): Promise<Text | null> {
  const given = reader.both('body')
  if (given !== undefined) return given
  if (!terminal.interactive) return textOf(await terminal.readInput(inputBytesMax))
  const say = speaker(terminal)
  const hints = [
    about,
    say(
      '# 으로 시작하는 줄은 버립니다. 위에 한국어, 세 개의 붙임표(---) 아래에 영어로 쓰십시오.',
      'Lines starting with # are removed. Korean above the three hyphens, English below.',
    ),
    say('비운 채로 끝내면 아무것도 기록하지 않습니다.', 'Leave it empty to record nothing.'),
  ]
  const edited = await terminal.edit(`\n\n---\n\n\n${hints.map((hint) => `# ${hint}\n`).join('')}`)
  return edited === null ? null : textOf(edited.replaceAll(/^#.*\n?/gm, ''))
}

function textOf(input: string): Text | null {
  const parts = input.replaceAll('\r\n', '\n').split(/^---[ \t]*$/m)
  const [ko = '', en = ''] = [parts[0], parts.slice(1).join('---')].map((part) => part?.trim())
  if (ko === '' && en === '') return null
  return { ko: ko || en, en: en || ko }
}
