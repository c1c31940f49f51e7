import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A token out of its time counts as one of a device that is unknown [O8].
replaceAtSeams([{ seam: 'expired-token', to: 'const expired = false' }])
