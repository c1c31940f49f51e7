/** Every bound that both sides of the wire must know, with its unit last. Bounds of the server alone live in its config table. */
export const LIMITS = {
  /** Longest text of one message, in Unicode code points. */
  textCodePointsMax: 10_000,
  /** Longest frame a device may send, in bytes: 10,000 code points at 4 bytes, JSON-escaped at worst, and room for the rest. */
  upFrameBytesMax: 131_072,
  /** Longest body of one HTTP request, in bytes. */
  httpBodyBytesMax: 65_536,
  /** Most entries in one `entries` frame or one page of history. */
  entriesPerPageMax: 200,
  /** A device further behind than this in one conversation gets a `reset` (its newest entries) instead of every entry it missed. */
  backfillEntriesMax: 1_000,
  /** How many of the newest entries a `reset` carries. */
  resetTailEntries: 20,
  /** Most entries whose hash a device may ask for at once [A1]. */
  auditEntriesMax: 1_000,
  /** Widest range of entries a device may watch for unread numbers. */
  watchEntriesMax: 400,
  /** Most members of one conversation. */
  membersMax: 3_000,
  /** Most accounts named in one creation or invitation. */
  inviteesPerEntryMax: 100,
  /** Most conversations one account is in at a time. */
  conversationsPerAccountMax: 1_000,
  /** Most friends of one account. */
  friendsMax: 5_000,
  /** Most devices of one account that are signed in at a time. */
  devicesPerAccountMax: 20,
  /** Most accounts named in one lookup. */
  peoplePerLookupMax: 200,
  /** Most people named by mentions in one text. */
  mentionsMax: 50,
  /** In a conversation with more members than this only a host may mention everyone. */
  everyoneMembersMax: 50,
  /** Longest emoji of a reaction, in UTF-16 units. */
  emojiLengthMax: 64,
  /** Most different emoji on one entry. */
  reactionKindsMax: 50,
  /** Most marks of one entry, those of people who have left included. */
  marksPerEntryMax: 4_000,
  /** How long after an entry was accepted its author may edit it, and erase it for everyone, in ms. */
  editMsMax: 86_400_000,
  eraseMsMax: 86_400_000,
  /** Most entries that one account has erased for itself. */
  hiddenPerAccountMax: 10_000,
  /** A device with more changed items than this in one conversation gets a `reset` instead of every change it missed. */
  backfillItemsMax: 2_000,
  /** Most items that a `reset` or a page of history carries; an entry that has more by itself comes alone. */
  itemsPerPageMax: 2_000,
  /** Most features that one side names. */
  featuresMax: 32,
  titleCodePointsMax: 50,
  displayNameCodePointsMax: 40,
  deviceNameCodePointsMax: 60,
  handleLengthMin: 3,
  handleLengthMax: 20,
  passwordCodePointsMin: 10,
  passwordCodePointsMax: 200,
  /** Most outages told in one report, and most that a device keeps until the server has taken them [F4]. */
  outagesPerReportMax: 50,
  /** A shorter break is no outage [F4]. */
  outageMsMin: 5_000,
  /** Longest outage that is told, and how long ago one may have ended. */
  outageMsMax: 7 * 86_400_000,
  outageAgoMsMax: 30 * 86_400_000,
  /** Most messages that one report tells to have waited; more count as so many. */
  unsentMax: 5_000,
  /** Most canary accounts of one server, and most invites for them in one request [F3]. */
  canariesMax: 200,
  canaryInvitesMax: 20,
  /** Longest span of time of which reports are counted. */
  reportsSpanMsMax: 31 * 86_400_000,
  /** Most account items in one `account` frame. */
  itemsPerFrameMax: 200,
} as const
