/** The place in the app. All of it is in the fragment, which browsers never send to a server. */
export type Route =
  | { readonly at: 'friends' }
  | { readonly at: 'chats'; readonly conversationId: string | null }
  | { readonly at: 'settings' }
  /** Only staff see anything there. */
  | { readonly at: 'reports'; readonly caseId: string | null }
  /** Null: the link holds no code. */
  | { readonly at: 'invite'; readonly code: string | null }
  | { readonly at: 'add'; readonly handle: string }

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** 32 bytes in base64url. What follows in the text that holds the link (a full stop, a bracket, Korean) is not part of it. */
const code = /^[A-Za-z0-9_-]{43}/
const handle = /^[a-z0-9._-]{3,20}/

/** An unknown fragment leads to the chats. */
export function parseRoute(hash: string): Route {
  const [, place = '', rest = ''] = hash.replace(/^#/, '').split('/')
  switch (place) {
    case 'friends':
      return { at: 'friends' }
    case 'settings':
      return { at: 'settings' }
    case 'reports':
      return { at: 'reports', caseId: uuid.test(rest) ? rest : null }
    case 'invite':
      return { at: 'invite', code: code.exec(rest)?.[0] ?? null }
    case 'add':
      return { at: 'add', handle: handle.exec(rest.toLowerCase())?.[0] ?? '' }
    default:
      return { at: 'chats', conversationId: place === 'chats' && uuid.test(rest) ? rest : null }
  }
}

export const paths = {
  friends: '#/friends',
  chats: '#/chats',
  settings: '#/settings',
  reports: '#/reports',
  reportCase: (caseId: string): string => `#/reports/${caseId}`,
  room: (conversationId: string): string => `#/chats/${conversationId}`,
  add: (handleOfPerson: string): string => `#/add/${handleOfPerson}`,
  invite: (inviteCode: string): string => `#/invite/${inviteCode}`,
} as const
