import type { AccountId, ConversationId, Entry } from '@bongsu/protocol'
import type { Violation } from '../../apps/server/src/conformance/checker.ts'

/** Who owns a group, as its entries say. */
export interface Owners {
  readonly host: AccountId | null
  readonly deputies: readonly AccountId[]
  readonly rights: Readonly<Record<string, string>>
}

const ORDER = ['member', 'deputy', 'host']

/**
 * [B10-B13] Reads a log from its beginning as SPEC.md says it, without the rules of the program: who was in, who owned it, and whether each entry was
 * written by somebody who might. @returns what was wrong, and who owns it at the end.
 */
export function judgeOwners(
  conversationId: ConversationId,
  entries: readonly Entry[],
): { readonly found: readonly Violation[]; readonly owners: Owners } {
  const found: Violation[] = []
  const members = new Set<AccountId>()
  const barred = new Set<AccountId>()
  const rights: Record<string, string> = {}
  let host: AccountId | null = null
  let deputies: AccountId[] = []
  const roleOf = (account: AccountId): string => (account === host ? 'host' : deputies.includes(account) ? 'deputy' : 'member')
  const reaches = (account: AccountId, least: string): boolean => ORDER.indexOf(roleOf(account)) >= ORDER.indexOf(least)
  const go = (account: AccountId): void => {
    members.delete(account)
    deputies = deputies.filter((one) => one !== account)
  }

  const succeed = (author: AccountId, named: AccountId | undefined, wrong: (promise: string, sentence: string) => void): void => {
    go(author)
    if (author === host && members.size > 0) {
      const next: AccountId | undefined = deputies[0] ?? named
      if (next === undefined || next !== named || !members.has(next)) wrong('B11', `${String(named)} follows ${author}`)
      host = named ?? null
      deputies = deputies.filter((one) => one !== host)
    } else if (named !== undefined) wrong('B11', `names a host, though ${author} was none`)
  }

  for (const { seq, author, body } of entries) {
    const wrong = (promise: string, sentence: string): void =>
      void found.push({ promise, breach: 'not-allowed', sentence: `${conversationId}#${seq}: ${sentence}` })
    const needs = (right: string, otherwise: string): void => {
      if (!reaches(author, rights[right] ?? otherwise)) wrong('B12', `${author} has not the right to ${right}`)
    }
    if (body.kind !== 'created' && !members.has(author)) wrong('B13', `${author} is not in it and writes`)
    switch (body.kind) {
      case 'created':
        host = author
        Object.assign(rights, body.rights)
        for (const account of [author, ...body.accounts]) members.add(account)
        break
      case 'invited':
        needs('invite', 'member')
        for (const account of body.accounts) {
          if (barred.delete(account) && !reaches(author, rights['remove'] ?? 'deputy')) wrong('B13', `${account} may not come back`)
          members.add(account)
        }
        break
      case 'left':
        succeed(author, body.host, wrong)
        break
      case 'removed':
        if (body.by === 'staff') {
          if (body.accountId !== author) wrong('B67', 'staff remove the author of the entry')
          if (body.barred) barred.add(author)
          succeed(author, body.host, wrong)
          break
        }
        needs('remove', 'deputy')
        if (!members.has(body.accountId)) wrong('B13', `${body.accountId} was not in it`)
        if (body.accountId === host || (roleOf(body.accountId) === 'deputy' && author !== host))
          wrong('B13', `${body.accountId} is not ${author}’s to remove`)
        go(body.accountId)
        if (body.barred) barred.add(body.accountId)
        break
      case 'role':
        if (author !== host) wrong('B11', `${author} gives roles and is not the host`)
        if (!members.has(body.accountId)) wrong('B11', `${body.accountId} is not in it and gets a role`)
        deputies = deputies.filter((one) => one !== body.accountId)
        if (body.role === 'host') host = body.accountId
        if (body.role === 'deputy') deputies.push(body.accountId)
        break
      case 'rights':
        if (author !== host) wrong('B12', `${author} changes rights and is not the host`)
        Object.assign(rights, body.rights)
        break
      case 'renamed':
        needs('rename', 'member')
        break
      case 'text':
      case 'place':
        needs('post', 'member')
        break
      default:
    }
  }
  return { found, owners: { host: host !== null && members.has(host) ? host : null, deputies, rights } }
}

/** Owners as one text, to be compared. */
export function ownersText({ host, deputies, rights }: Owners): string {
  return JSON.stringify([host, deputies, Object.entries(rights).toSorted(([one], [other]) => (one < other ? -1 : 1))])
}
