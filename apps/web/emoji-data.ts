import english from 'emojibase-data/en/data.json' with { type: 'json' }
import korean from 'emojibase-data/ko/data.json' with { type: 'json' }
import type { Plugin } from 'vite'
import { inTone, TONES, type EmojiGroup, type EmojiRow } from './src/parts/emoji/emoji-row.ts'

interface Emojibase {
  readonly hexcode: string
  readonly emoji: string
  readonly label: string
  readonly tags?: readonly string[]
  readonly group?: number
  readonly order?: number
  readonly version: number
  readonly skins?: readonly { readonly emoji: string; readonly tone: number | readonly number[] }[]
}

/** Newer ones are empty boxes on devices of today. */
const versionMax = 15.1
/** Groups of emojibase; 2 holds skin tones and hair alone. */
const componentGroup = 2

const ONE_EMOJI = new RegExp(String.raw`^\p{RGI_Emoji}$`, 'v')

/** The form that Unicode recommends, and servers take: without the sign for colour where an emoji is coloured by itself. */
function recommended(emoji: string): string {
  return ONE_EMOJI.test(emoji) ? emoji : emoji.replaceAll('\uFE0F', '')
}

/** The part of emojibase that the picker needs: each emoji, its names and words in Korean and English, and its skin tones. */
export function emojiGroups(): readonly EmojiGroup[] {
  const inKorean = new Map((korean as readonly Emojibase[]).map((one) => [one.hexcode, one]))
  const groups = new Map<number, { readonly order: number; readonly row: EmojiRow }[]>()
  for (const { hexcode, emoji, label, tags = [], group, order = 0, version, skins = [] } of english as readonly Emojibase[]) {
    if (group === undefined || group === componentGroup || version > versionMax) continue
    const ko = inKorean.get(hexcode)
    const names = [ko?.label ?? label, label] as const
    const words = [...new Set([...(ko?.tags ?? []), ...tags])].filter((word) => !names.includes(word))
    const plain = recommended(emoji)
    // Two people have two tones each: those are left out where one tone for both is not the rule.
    const hasTones = TONES.every((tone) => skins.some((skin) => skin.tone === tone && skin.emoji === inTone(plain, tone)))
    const row: EmojiRow = hasTones ? [plain, ...names, words.join('|'), 1] : [plain, ...names, words.join('|')]
    groups.set(group, [...(groups.get(group) ?? []), { order, row }])
  }
  return [...groups.entries()].toSorted(([a], [b]) => a - b).map(([, rows]) => rows.toSorted((a, b) => a.order - b.order).map(({ row }) => row))
}

/** Serves the module `virtual:emoji`. */
export function emojiData(): Plugin {
  const name = 'virtual:emoji'
  return {
    name: 'emoji-data',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(emojiGroups())}` : null),
  }
}
