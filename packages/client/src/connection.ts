/** What the screen says about the connection; see C3. */
export type Connection =
  /** Not started, or the device says it has no network. */
  | { readonly state: 'offline' }
  | { readonly state: 'connecting' }
  /** Will try again at `retryAt` (epoch ms, device clock). `directed`: the server has given that turn, and coming earlier is useless [O3]. */
  | { readonly state: 'waiting'; readonly retryAt: number; readonly directed: boolean }
  /** Connected, receiving missed messages. */
  | { readonly state: 'catching-up' }
  /** Connected, everything received. */
  | { readonly state: 'live' }
  /**
   * The token is no longer valid. Stored data stays until `forget`. `expired`: only its time is over, by a clock that may be wrong, so the device asks
   * again by itself [O8]. `suspended`: so is it while the account is suspended [B55]. `revoked`: its account has revoked the device, which has to be wiped
   * [C10].
   */
  | { readonly state: 'signed-out'; readonly expired?: true; readonly suspended?: true; readonly revoked?: true }
  /** This program is too old for the server. */
  | { readonly state: 'outdated' }
