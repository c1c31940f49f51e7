/** What a user of the load hears. Ids are those of `say`. */
export interface UserListener {
  acknowledged(id: string): void
  received(id: string): void
  /** What must not happen in a run: an error, a connection that ends. */
  wrong(what: string): void
}

/** A signed-in user of a peer, as light as it can be. */
export interface User {
  /** @param to number of the other user. @param id short, of letters, digits and -. */
  say(to: number, id: string, text: string): void
  /** Enters rooms, by their numbers; resolves when it is in all of them. Only where the peer has rooms. */
  join?(rooms: readonly number[]): Promise<void>
}

export type ConnectUser = (port: number, user: number, listener: UserListener) => Promise<User>
