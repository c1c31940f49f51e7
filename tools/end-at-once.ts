import { isMainThread } from 'node:worker_threads'

// Loaded before each test file. Node takes its own house down when a program has come to its end, and now and then waits there for
// ever, at full speed, for a request that nobody answers any more. All is said and written by then: nothing is lost by not waiting.
// A thread ends as usual, so that its error arrives.
if (isMainThread) process.on('exit', () => process.exit())
