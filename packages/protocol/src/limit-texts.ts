import type { LIMITS } from './limits.ts'

/** A bound, for the published documents. */
export interface LimitText {
  readonly unit: string
  readonly about: string
}

const limit = (unit: string, about: string): LimitText => ({ unit, about })

/** What each bound of the wire means. Apart from `LIMITS`, so that browsers load no texts for authors. */
export const LIMIT_TEXTS: { readonly [Name in keyof typeof LIMITS]: LimitText } = {
  textCodePointsMax: limit('code points', 'Longest text of one message.'),
  upFrameBytesMax: limit('bytes', 'Longest frame of a device, in UTF-8. A longer one ends the connection with 1009.'),
  httpBodyBytesMax: limit('bytes', 'Longest body of one HTTP request.'),
  entriesPerPageMax: limit('entries', 'Most entries in one frame or one page of history.'),
  backfillEntriesMax: limit('entries', 'A device further behind in one conversation gets a reset instead of every missed entry.'),
  resetTailEntries: limit('entries', 'Newest entries in a reset.'),
  auditEntriesMax: limit('entries', 'Longest stretch of one audit.'),
  watchEntriesMax: limit('entries', 'Widest range of entries that a device may watch for unread numbers.'),
  membersMax: limit('accounts', 'Most members of one conversation.'),
  inviteesPerEntryMax: limit('accounts', 'Most accounts named in one creation or invitation.'),
  conversationsPerAccountMax: limit('conversations', 'Most conversations of one account.'),
  friendsMax: limit('accounts', 'Most friends of one account.'),
  devicesPerAccountMax: limit('devices', 'Most signed-in devices of one account. One more sign-in revokes the oldest one.'),
  peoplePerLookupMax: limit('accounts', 'Most accounts in one lookup or one page of members.'),
  mentionsMax: limit('mentions', 'Most mentioned people in one text.'),
  everyoneMembersMax: limit('accounts', 'In a conversation with more members, only the host may mention everyone.'),
  placeWithinMMax: limit('metres', 'Worst precision of a place.'),
  emojiLengthMax: limit('UTF-16 units', 'Longest emoji of a reaction.'),
  reactionKindsMax: limit('emoji', 'Most different emoji on one entry.'),
  marksPerEntryMax: limit('marks', 'Most marks of one kind on one entry, including those of people who have left.'),
  editMsMax: limit('ms', 'How long after its acceptance an author may edit an entry.'),
  eraseMsMax: limit('ms', 'How long after its acceptance an author may erase an entry for everyone.'),
  hiddenPerAccountMax: limit('entries', 'Most entries that one account has erased for itself.'),
  backfillItemsMax: limit('changes', 'A device that missed more changes of one conversation gets a reset instead of every change.'),
  itemsPerPageMax: limit('items', 'Most items in a reset or a page of history. An entry with more items comes alone.'),
  featuresMax: limit('features', 'Most features named by one side.'),
  featureNameLengthMax: limit('characters', 'Longest name of a feature.'),
  tokenLengthMax: limit('characters', 'Longest token.'),
  epochLengthMax: limit('characters', 'Longest name of an epoch.'),
  tideLengthMax: limit('characters', 'Longest `tide`: how far the history of the server is durable.'),
  lineageLengthMax: limit('characters', 'Longest `lineage`: the newest starts of the server.'),
  inviteCodeLengthMin: limit('characters', 'Shortest invite code.'),
  inviteCodeLengthMax: limit('characters', 'Longest invite code.'),
  madeInviteCodeLength: limit('characters', 'Length of an invite code made by a device: 32 random bytes in base64url.'),
  inviteIdLengthMax: limit('characters', 'Longest id of an invite.'),
  inviteValidMsMin: limit('ms', 'Shortest validity of an invite.'),
  inviteValidMsMax: limit('ms', 'Longest validity of an invite.'),
  inviteUsesMax: limit('accounts', 'Most accounts that may join by one invite.'),
  titleCodePointsMax: limit('code points', 'Longest title of a group.'),
  displayNameCodePointsMax: limit('code points', 'Longest display name.'),
  deviceNameCodePointsMax: limit('code points', 'Longest name of a device.'),
  handleLengthMin: limit('characters', 'Shortest handle.'),
  handleLengthMax: limit('characters', 'Longest handle.'),
  passwordCodePointsMin: limit('code points', 'Shortest password.'),
  passwordCodePointsMax: limit('code points', 'Longest password.'),
  typedHandleLengthMax: limit('characters', 'Longest handle in a sign-in or a look-up. What nobody can have is answered like what nobody has.'),
  typedPasswordLengthMax: limit('characters', 'Longest password in a sign-in.'),
  outagesPerReportMax: limit('outages', 'Most outages in one report.'),
  outageMsMin: limit('ms', 'A break of this length or less is no outage.'),
  outageMsMax: limit('ms', 'Longest reported outage.'),
  outageAgoMsMax: limit('ms', 'Greatest age of the end of a reported outage.'),
  unsentMax: limit('messages', 'Most waiting messages stated in one report. A larger number is stated as this.'),
  canariesMax: limit('accounts', 'Most test accounts of the sentinel.'),
  canaryInvitesMax: limit('invites', 'Most invites for test accounts in one request.'),
  reportsSpanMsMax: limit('ms', 'Longest span of time for counting reports.'),
  itemsPerFrameMax: limit('items', 'Most items in one frame.'),
}
