// Loaded into a server before anything else: each SIGUSR2 sets its clock to the next of the offsets, in days, named in CLOCK_SHIFTS ("1,-1,0").
// CLOCK_STARTS is the first offset. Timers and performance.now() go on as they are, as they do when somebody sets the clock of a real machine.

const DAY_MS = 86_400_000
const offsets = (process.env['CLOCK_SHIFTS'] ?? '').split(',').map(Number)
const RealDate = Date
let offsetMs = Number(process.env['CLOCK_STARTS'] ?? 0) * DAY_MS

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: unknown[], made) =>
    Reflect.construct(target, given.length === 0 ? [target.now() + offsetMs] : given, made === globalThis.Date ? target : made) as Date,
  get: (target, name, receiver) => (name === 'now' ? () => target.now() + offsetMs : (Reflect.get(target, name, receiver) as unknown)),
})

process.on('SIGUSR2', () => (offsetMs = (offsets.shift() ?? 0) * DAY_MS))
