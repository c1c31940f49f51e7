import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A database that syncs at checkpoints alone: it survives a kill, and forgets what it accepted in a power cut.
replaceAtSeams([{ seam: 'sqlite-sync', to: "db.exec('PRAGMA synchronous = NORMAL')" }])
