/** What a command sees of the world. */
export interface Terminal {
  readonly language: 'ko' | 'en'
  /** IANA name: that of the status page. */
  readonly timeZone: string
  /** Name of the person at the keyboard, as the system knows it. */
  readonly user: string
  /** Data directory by the settings. */
  readonly directory: string
  now(): number
  /** Results. */
  out(line: string): void
  /** How it goes, and what went wrong. */
  note(line: string): void
  /** Hands text on as it is; waits when the reader is slow. */
  write(text: string): Promise<void>
  /** Is a person sitting there, to be asked? */
  readonly interactive: boolean
  /** Everything that is piped in, at most so many bytes. */
  readInput(bytesMax: number): Promise<string>
  /** Lets the person edit a text; null when no editor is known, or it ended badly. */
  edit(text: string): Promise<string | null>
}

/** Makes the pages anew from the record, and brings them to their places, with nothing else running. Problems are sentences. */
export type PublishNow = (directory: string) => Promise<{ readonly places: readonly string[]; readonly problems: readonly string[] }>

/** Says it in the language of the terminal. */
export function speaker({ language }: Pick<Terminal, 'language'>): (ko: string, en: string) => string {
  return (ko, en) => (language === 'ko' ? ko : en)
}

/** Exit codes of all commands. */
export const EXIT = {
  done: 0,
  /** Not done, or broken, for the reason printed. */
  failed: 1,
  /** It is in the record, but the pages could not be made or brought to all their places. */
  unpublished: 3,
  /** Not understood (EX_USAGE of sysexits.h). */
  usage: 64,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
