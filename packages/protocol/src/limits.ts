/** All bounds that both sides of the wire must know, with the unit last. Bounds of the server alone are in its config table. */
export const LIMITS = {
  /** Longest text of one message, in Unicode code points. */
  textCodePointsMax: 10_000,
  /** Longest frame a device may send, in bytes: 10,000 code points at 4 bytes, JSON-escaped at worst, and room for the rest. */
  upFrameBytesMax: 131_072,
  /** Longest body of one HTTP request, in bytes. */
  httpBodyBytesMax: 65_536,
  /** Most entries in one `entries` frame or one page of history. */
  entriesPerPageMax: 200,
  /** A device further behind in one conversation gets a `reset` (its newest entries) instead of every missed entry. */
  backfillEntriesMax: 1_000,
  /** Newest entries in a `reset`. */
  resetTailEntries: 20,
  /** Most entries whose hash a device may ask for at once [A1]. */
  auditEntriesMax: 1_000,
  /** Widest range of entries that a device may watch for unread numbers. */
  watchEntriesMax: 400,
  /** Most members of one conversation. */
  membersMax: 3_000,
  /** Most accounts named in one creation or invitation. */
  inviteesPerEntryMax: 100,
  /** Most conversations of one account. */
  conversationsPerAccountMax: 1_000,
  /** Most friends of one account. */
  friendsMax: 5_000,
  /** Most signed-in devices of one account. */
  devicesPerAccountMax: 20,
  /** Most accounts in one lookup. */
  peoplePerLookupMax: 200,
  /** Most mentioned people in one text. */
  mentionsMax: 50,
  /** In a conversation with more members, only a host may mention everyone. */
  everyoneMembersMax: 50,
  /** A place with a worse precision in metres says nothing. */
  placeWithinMMax: 100_000,
  /** Longest emoji of a reaction, in UTF-16 units. */
  emojiLengthMax: 64,
  /** Most different emoji on one entry. */
  reactionKindsMax: 50,
  /** Most marks of one entry, including those of people who have left. */
  marksPerEntryMax: 4_000,
  /** How long after its acceptance an author may edit an entry, and erase it for everyone, in ms. */
  editMsMax: 86_400_000,
  eraseMsMax: 86_400_000,
  /** Most entries that one account has erased for itself. */
  hiddenPerAccountMax: 10_000,
  /** A device that missed more changed items in one conversation gets a `reset` instead of every change. */
  backfillItemsMax: 2_000,
  /** Most items in a `reset` or a page of history. An entry with more items comes alone. */
  itemsPerPageMax: 2_000,
  /** Most features named by one side, and the longest name of one. */
  featuresMax: 32,
  featureNameLengthMax: 32,
  /** Longest token, and longest name of an epoch. */
  tokenLengthMax: 2_048,
  epochLengthMax: 64,
  /** Longest statement of how far the history is durable, and of the newest starts of the server [A7]. */
  tideLengthMax: 96,
  lineageLengthMax: 256,
  /** Length of an invite code, and longest id of an invite. */
  inviteCodeLengthMin: 16,
  inviteCodeLengthMax: 64,
  /** Length of an invite code made by a device: 32 random bytes in base64url. */
  madeInviteCodeLength: 43,
  inviteIdLengthMax: 64,
  /** How long an invite may be valid, in ms, and for how many accounts. */
  inviteValidMsMin: 60_000,
  inviteValidMsMax: 30 * 86_400_000,
  inviteUsesMax: 1_000,
  titleCodePointsMax: 50,
  displayNameCodePointsMax: 40,
  deviceNameCodePointsMax: 60,
  handleLengthMin: 3,
  handleLengthMax: 20,
  passwordCodePointsMin: 10,
  passwordCodePointsMax: 200,
  /** Longest handle and password that are looked at, as typed by a person who signs in. */
  typedHandleLengthMax: 64,
  typedPasswordLengthMax: 1_000,
  /** Most outages in one report, and most kept by a device until the server has accepted them [F4]. */
  outagesPerReportMax: 50,
  /** A shorter break is no outage [F4]. */
  outageMsMin: 5_000,
  /** Longest reported outage, and the greatest age of its end. */
  outageMsMax: 7 * 86_400_000,
  outageAgoMsMax: 30 * 86_400_000,
  /** Most waiting messages stated in one report. A larger number is stated as this. */
  unsentMax: 5_000,
  /** Most canary accounts of one server, and most canary invites in one request [F3]. */
  canariesMax: 200,
  canaryInvitesMax: 20,
  /** Longest span of time for counting reports. */
  reportsSpanMsMax: 31 * 86_400_000,
  /** Most account items in one `account` frame. */
  itemsPerFrameMax: 200,
} as const
