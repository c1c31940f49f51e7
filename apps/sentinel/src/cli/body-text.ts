import type { Text } from '../incident/incident.ts'
import { TEXT_BOUNDS } from '../incident/updates.ts'
import { speaker, type Terminal } from './terminal.ts'
import type { Reader } from './values.ts'

/** Two texts of the longest, of four bytes a character, and room to explain. */
const inputBytesMax = 2 * TEXT_BOUNDS.bodyCodePointsMax * 4 + 4_096

/**
 * The words of an update: from the flags; or from what is piped in; or from an editor, when a person sits there. A line of three hyphens stands
 * between the Korean and the English text; without it the text stands for both.
 *
 * @returns null when there are none.
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
      'Lines that begin with # are dropped. Korean above the three hyphens, English below.',
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
