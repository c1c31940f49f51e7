/** Why somebody reports something. The app has the words. */
export const REPORT_REASONS = ['spam', 'harassment', 'sexual', 'violence', 'fraud', 'privacy', 'other'] as const

export type ReportReason = (typeof REPORT_REASONS)[number]
