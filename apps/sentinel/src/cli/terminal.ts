/** The environment of a command, as a port. */
export interface Terminal {
  readonly language: 'ko' | 'en'
  /** IANA name of the status page's time zone. */
  readonly timeZone: string
  /** Name of the person at the keyboard, from the system. */
  readonly user: string
  readonly directory: string
  now(): number
  /** Results. */
  out(line: string): void
  /** Progress and errors. */
  note(line: string): void
  /** Writes a text unchanged. Waits when the reader is slow. */
  write(text: string): Promise<void>
  /** Whether a person is there to be asked. */
  readonly interactive: boolean
  /** Standard input up to its end, and up to a number of bytes. */
  readInput(bytesMax: number): Promise<string>
}

/** Renders the pages from the record and publishes them, without a running sentinel. Problems are sentences. */
export type PublishNow = (directory: string) => Promise<{ readonly places: readonly string[]; readonly problems: readonly string[] }>

/** Picks the text in the language of the terminal. */
export function speaker({ language }: Pick<Terminal, 'language'>): (ko: string, en: string) => string {
  return (ko, en) => (language === 'ko' ? ko : en)
}

export const EXIT = {
  done: 0,
  /** Failed or broken, for the printed reason. */
  failed: 1,
  /** Recorded, but the pages could not be made or brought to all their places. */
  unpublished: 3,
  /** Not understood (EX_USAGE of sysexits.h). */
  usage: 64,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
