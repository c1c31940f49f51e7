import { folded, LIMITS, occurs, type AccountId, type ConversationId, type Person, type Query } from '@bongsu/protocol'
import { sql as raw } from 'kysely'
import { statement } from './builder.ts'
import { answer, refuse, type AccountsParts, type Answer } from './parts.ts'
import { PERSON, personOf } from './people.ts'

/**
 * The place of an account among members: names in Hangul before others, each group in the order of Unicode, which for Hangul is that of a dictionary.
 * Two people of one name stand by their ids, so that each has one place. Names are in NFC; the second range is that of older ones in NFD.
 */
const place = raw`CASE WHEN accounts.display_name BETWEEN 'ㄱ' AND 'ㆎ' OR accounts.display_name BETWEEN '\u1100' AND '\u1200'
    OR accounts.display_name BETWEEN '가' AND '\ud7a4' THEN 0 ELSE 1 END,
  lower(accounts.display_name), accounts.account_id`

/** Members of a conversation by name, one page at a time. Refused to anyone who is not a member [W4, C25, R7]. */
export async function listMembers(
  { sql, db }: AccountsParts,
  asker: AccountId,
  conversationId: ConversationId,
  { after, limit = LIMITS.peoplePerLookupMax, name, readAt, unreadAt }: Query<'listMembers'>,
): Promise<Answer<{ people: Person[]; more: boolean }>> {
  const members = db
    .selectFrom('members')
    .innerJoin('conversations', 'conversations.conversation_key', 'members.conversation_key')
    .innerJoin('accounts', 'accounts.account_key', 'members.account_key')
    .where('conversations.conversation_id', '=', conversationId)
  const mine = members.select('members.joined_seq').where('accounts.account_id', '=', asker)
  const [own] = await sql.read<{ joined_seq: number }>(statement(mine))
  if (own === undefined) return refuse('not-a-member')
  /** Members at the entry, without its author. An entry that does not exist has no author, and the comparison finds nobody. */
  const at = (seq: number): typeof members =>
    members
      .innerJoin('entries', (join) => join.onRef('entries.conversation_key', '=', 'members.conversation_key').on('entries.seq', '=', seq))
      .whereRef('entries.author_key', '<>', 'members.account_key')
      .where((row) => row.or([row('members.joined_seq', '<=', seq), row('conversations.kind', '=', 'direct')]))
      .where('entries.seq', '>=', own.joined_seq)
  let asked = members
  if (readAt !== undefined) asked = at(readAt).where('members.watermark', '>=', readAt)
  else if (unreadAt !== undefined) asked = at(unreadAt).where('members.watermark', '<', unreadAt)
  // The place of somebody who is not a member says something about a foreign name.
  if (after !== undefined) {
    asked = asked.where(
      raw<boolean>`(${place}) > (SELECT ${place} FROM members
        INNER JOIN conversations ON conversations.conversation_key = members.conversation_key
        INNER JOIN accounts ON accounts.account_key = members.account_key
        WHERE conversations.conversation_id = ${conversationId} AND accounts.account_id = ${after})`,
    )
  }
  const sorted = asked.select(PERSON.map((column) => `accounts.${column}` as const)).orderBy(raw`${place}`)
  // SQL does not know initial consonants. A conversation has at most LIMITS.membersMax names, so a search reads them all.
  const rows = await sql.read<Parameters<typeof personOf>[0]>(statement(name === undefined ? sorted.limit(limit + 1) : sorted))
  const wanted = name === undefined ? null : folded(name)
  const people: (typeof rows)[number][] = []
  for (const row of rows) {
    if (people.length > limit) break
    if (wanted === null || occurs(folded(row.display_name), wanted)) people.push(row)
  }
  return answer({ people: people.slice(0, limit).map(personOf), more: people.length > limit })
}
