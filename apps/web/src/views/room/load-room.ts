/** The largest view: loaded after the list of chats is there, or at once when the program starts in a room. */
export const loadRoom = async () => (await import('./room-view.tsx')).RoomView
