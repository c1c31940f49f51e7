/** One tap each, in every menu. */
export const quickEmoji = ['❤️', '👍', '✅', '😆', '😮', '😢'] as const
