import type { AccountId, ClientMessageId, ConversationId, Entry } from '@bongsu/protocol'

/**
 * Judges what a system did by SPEC.md alone: it knows no server, no client and no database. Whoever runs a system (end-to-end tests, the
 * simulation, drills) writes down what was asked and what was answered, then what everybody holds at the end.
 */

/** An entry some device made. Listed in the order in which that device made them [M6]. */
export interface Invoked {
  readonly id: ClientMessageId
  readonly device: string
  readonly author: AccountId
  readonly conversationId: ConversationId
  readonly text: string
}

export interface Accepted {
  readonly id: ClientMessageId
  readonly conversationId: ConversationId
  readonly seq: number
}

/** What was asked, and every answer heard. An entry with neither answer is unknown, as long as not all is at rest: it may be there or not, but once at most. */
export interface Ledger {
  readonly invoked: readonly Invoked[]
  /** All of them, also when the same id was accepted again. */
  readonly accepted: readonly Accepted[]
  /** Ids refused for good. */
  readonly refused: readonly ClientMessageId[]
  /** What an author asked to have said instead, or, with null, to have erased: any of it may stand there. */
  readonly rewrites?: readonly { readonly author: AccountId; readonly id: ClientMessageId; readonly text: string | null }[]
}

/** What one holder (a device, a fresh device, the database) has of one conversation at the end. */
export interface Holding {
  readonly holder: string
  readonly conversationId: ConversationId
  /** The first seq that must be there: 1, or that of the entry by which the holder came in. */
  readonly from: number
  /** In the order in which the holder shows them. */
  readonly entries: readonly Entry[]
}

/** A watermark as one holder saw it; listed in the order seen. */
export interface SeenMark {
  readonly holder: string
  readonly account: AccountId
  readonly conversationId: ConversationId
  readonly seq: number
}

export interface Evidence {
  readonly ledger: Ledger
  readonly holdings: readonly Holding[]
  readonly marks?: readonly SeenMark[]
  /** Who must hold something of which conversation, because its account is in it; a holder that has lost all of one says nothing of it. */
  readonly owed?: readonly Pick<Holding, 'holder' | 'conversationId'>[]
  /**
   * Everything has come to rest, with nothing left under way. `answered`: what was written is there, or was refused for good. `accepted`: nothing was
   * written that may be refused, so all of it is there.
   */
  readonly rest?: 'answered' | 'accepted'
}

export type Breach =
  | 'lost'
  | 'doubled'
  | 'moved'
  | 'disorder'
  | 'gap'
  | 'divided'
  | 'not-held'
  | 'changed'
  | 'invented'
  | 'refused-yet-there'
  | 'refused-without-cause'
  | 'vanished'
  | 'two-answers'
  | 'one-place-two-entries'
  | 'own-order'
  | 'mark-fell'
  | 'mark-passed-head'
  | 'view-differs'
  | 'number-wrong'
  | 'one-change-two-acts'
  | 'item-out-of-order'
  | 'mark-on-nothing'
  | 'mark-on-another'
  | 'mark-on-erased'
  | 'not-allowed'
  | 'act-invented'
  | 'act-lost'
  | 'act-changed'
  | 'not-erased'
  | 'body-wrong'
  | 'shown-body-wrong'
  | 'shown-marks-wrong'

export interface Violation {
  /** The promise that was broken. */
  readonly promise: string
  readonly breach: Breach
  readonly sentence: string
}

/** Every way in which the evidence contradicts the promises; empty when it does not. */
export function judge(evidence: Evidence): readonly Violation[] {
  const { ledger, holdings } = evidence
  return [
    ...judgeAnswers(ledger),
    ...holdings.flatMap((holding) => judgeHolding(ledger, holding)),
    ...judgeAgreement(holdings),
    ...judgeOwed(evidence),
    ...judgeAccepted(ledger, holdings),
    ...judgeOwnOrder(ledger, holdings),
    ...judgeMarks(evidence),
    ...judgeRest(evidence),
  ]
}

/** [M2, M3] An id has one answer, a place has one entry. */
function judgeAnswers({ accepted }: Ledger): readonly Violation[] {
  const found: Violation[] = []
  const placeOf = new Map<ClientMessageId, string>()
  const idAt = new Map<string, ClientMessageId>()
  for (const { id, conversationId, seq } of accepted) {
    const place = `${conversationId}#${seq}`
    const known = placeOf.get(id)
    if (known !== undefined && known !== place) found.push(breach('M2', 'two-answers', `${id} was accepted at ${known} and at ${place}`))
    placeOf.set(id, place)
    const other = idAt.get(place)
    if (other !== undefined && other !== id) found.push(breach('M3', 'one-place-two-entries', `${place} was given to ${other} and to ${id}`))
    idAt.set(place, id)
  }
  return found
}

/** [D2, D4, M2, M4] One holder by itself: dense, in order, each once, as it was written. */
function judgeHolding({ invoked, refused, rewrites = [] }: Ledger, holding: Holding): readonly Violation[] {
  const found: Violation[] = []
  const madeBy = new Map(invoked.map((entry) => [entry.id, entry]))
  const refusedIds = new Set(refused)
  const rewritten = new Set(rewrites.map(({ author, id, text }) => JSON.stringify([author, id, text])))
  const seqOf = new Map<string, number>()
  let expected = holding.from
  for (const entry of holding.entries) {
    const at = `${holding.holder}: ${holding.conversationId}#${entry.seq}`
    if (entry.seq < expected) found.push(breach('D2', 'disorder', `${at} stands after #${expected - 1}`))
    else if (entry.seq > expected) found.push(breach('D4', 'gap', `${at} follows #${expected - 1}: what lies between is missing`))
    expected = Math.max(expected, entry.seq + 1)

    // Ids are the sender's own: another author may use the same one.
    const name = `${entry.author} ${entry.id}`
    const before = seqOf.get(name)
    if (before !== undefined) found.push(breach('M2', 'doubled', `${at} is ${entry.id}, which is at #${before} too`))
    seqOf.set(name, entry.seq)

    const made = madeBy.get(entry.id)
    if (made === undefined) {
      if (entry.body.kind === 'text') found.push(breach('M1', 'invented', `${at} is ${entry.id}, which nobody wrote`))
      continue
    }
    const said = saidBy(entry)
    const same = said === made.text || (said !== undefined && rewritten.has(JSON.stringify([entry.author, entry.id, said])))
    if (!same || made.author !== entry.author || made.conversationId !== holding.conversationId)
      found.push(breach('M4', 'changed', `${at} is not what was written as ${entry.id}`))
    if (refusedIds.has(entry.id)) found.push(breach('C2', 'refused-yet-there', `${at} is ${entry.id}, which was refused for good`))
  }
  return found
}

/** [D5, D10] All holders have the same entry at the same place, and reach equally far. */
function judgeAgreement(holdings: readonly Holding[]): readonly Violation[] {
  const found: Violation[] = []
  for (const [conversationId, group] of Map.groupBy(holdings, (holding) => holding.conversationId)) {
    const first = new Map<number, { readonly text: string; readonly holder: string }>()
    const head = Math.max(...group.map(lastSeq))
    for (const holding of group) {
      if (lastSeq(holding) < head)
        found.push(breach('D6', 'gap', `${holding.holder}: ${conversationId} ends at #${lastSeq(holding)}, others have #${head}`))
      for (const entry of holding.entries) {
        const text = JSON.stringify([entry.author, entry.id, entry.acceptedAt, entry.body])
        const known = first.get(entry.seq)
        if (known === undefined) first.set(entry.seq, { text, holder: holding.holder })
        else if (known.text !== text)
          found.push(breach('D5', 'divided', `${conversationId}#${entry.seq} is one thing for ${known.holder}, another for ${holding.holder}`))
      }
    }
  }
  return found
}

/** [D9] A conversation that an account is in is on its devices. */
function judgeOwed({ owed = [], holdings }: Evidence): readonly Violation[] {
  const held = new Set(holdings.map(({ holder, conversationId }) => `${holder} ${conversationId}`))
  return owed
    .filter(({ holder, conversationId }) => !held.has(`${holder} ${conversationId}`))
    .map(({ holder, conversationId }) => breach('D9', 'not-held', `${holder} has nothing of ${conversationId}, which its account is in`))
}

/** [M1, M5] What was acknowledged is there, at the place that was told, for everyone who should have it. */
function judgeAccepted({ accepted }: Ledger, holdings: readonly Holding[]): readonly Violation[] {
  const found: Violation[] = []
  const byConversation = Map.groupBy(holdings, (holding) => holding.conversationId)
  const seqsOf = new Map(holdings.map((holding) => [holding, new Map(holding.entries.map((entry) => [entry.id, entry.seq]))]))
  const told = new Map(accepted.map((answer) => [answer.id, answer]))
  for (const { id, conversationId, seq } of told.values()) {
    const group = byConversation.get(conversationId) ?? []
    if (group.length === 0) found.push(breach('M1', 'lost', `${id} was accepted in ${conversationId}, which nobody holds`))
    for (const holding of group) {
      const at = seqsOf.get(holding)?.get(id)
      if (at === undefined) {
        if (seq >= holding.from) found.push(breach('M5', 'lost', `${holding.holder}: ${id} was accepted at ${conversationId}#${seq} and is missing`))
      } else if (at !== seq)
        found.push(breach('M4', 'moved', `${holding.holder}: ${id} was accepted at ${conversationId}#${seq} and stands at #${at}`))
    }
  }
  return found
}

/** [M6] The entries of one device in one conversation stand in the order in which it made them. */
function judgeOwnOrder({ invoked }: Ledger, holdings: readonly Holding[]): readonly Violation[] {
  const found: Violation[] = []
  const made = Map.groupBy(invoked, (entry) => entry.conversationId)
  for (const holding of holdings) {
    const seqOf = new Map(holding.entries.map((entry) => [entry.id, entry.seq]))
    const last = new Map<string, { readonly seq: number; readonly id: ClientMessageId }>()
    for (const { id, device } of made.get(holding.conversationId) ?? []) {
      const seq = seqOf.get(id)
      if (seq === undefined) continue
      const before = last.get(device)
      if (before !== undefined && before.seq > seq)
        found.push(
          breach('M6', 'own-order', `${holding.holder}: ${device} wrote ${before.id} before ${id}, but they stand at #${before.seq} and #${seq}`),
        )
      else last.set(device, { seq, id })
    }
  }
  return found
}

/** [R1, R2] */
function judgeMarks({ marks = [], holdings }: Evidence): readonly Violation[] {
  const found: Violation[] = []
  const heads = new Map<ConversationId, number>()
  for (const holding of holdings) heads.set(holding.conversationId, Math.max(heads.get(holding.conversationId) ?? 0, lastSeq(holding)))
  const highest = new Map<string, number>()
  for (const { holder, account, conversationId, seq } of marks) {
    const key = `${holder} ${account} ${conversationId}`
    const before = highest.get(key) ?? 0
    if (seq < before) found.push(breach('R1', 'mark-fell', `${holder}: the mark of ${account} in ${conversationId} fell from #${before} to #${seq}`))
    highest.set(key, Math.max(before, seq))
    const head = heads.get(conversationId)
    if (head !== undefined && seq > head)
      found.push(breach('R2', 'mark-passed-head', `${holder}: the mark of ${account} in ${conversationId} is #${seq}, its head #${head}`))
  }
  return found
}

/** [C2] When all is at rest, nothing that was written is without an answer and in no log. */
function judgeRest({ ledger: { invoked, refused }, holdings, rest }: Evidence): readonly Violation[] {
  if (rest === undefined) return []
  const answered = new Set([...refused, ...holdings.flatMap(({ entries }) => entries.map(({ id }) => id))])
  const vanished = invoked
    .filter(({ id }) => !answered.has(id))
    .map(({ id, device, conversationId }) =>
      breach('C2', 'vanished', `${device}: ${id} was written in ${conversationId}, is held by nobody, and was not refused`),
    )
  if (rest === 'answered') return vanished
  return [...vanished, ...refused.map((id) => breach('C2', 'refused-without-cause', `${id} was refused, and nothing that was written may be`))]
}

/** Null: it was erased. Undefined: nobody has said it. */
function saidBy({ body }: Entry): string | null | undefined {
  if (body.kind === 'text') return body.text
  return (body.kind as string) === 'erased' ? null : undefined
}

function lastSeq({ from, entries }: Holding): number {
  return entries.reduce((last, entry) => Math.max(last, entry.seq), from - 1)
}

function breach(promise: string, kind: Breach, sentence: string): Violation {
  return { promise, breach: kind, sentence }
}
