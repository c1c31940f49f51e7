/** Sheets that the friends view opens on demand, loaded together: each alone would be a round trip for a few hundred bytes. */
export { AddedBy } from './added-by.tsx'
export { AddFriend } from './add-friend.tsx'
export { Invites } from './invites.tsx'
export { Profile } from './profile.tsx'
