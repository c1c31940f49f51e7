/** Emoji available with one tap in every menu. */
export const quickEmoji = ['❤️', '👍', '✅', '😆', '😮', '😢'] as const
