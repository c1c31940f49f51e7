import { join } from 'node:path'
import { operatorLink, OPERATORS_FILE } from '../operator/sign-in.ts'
import { openOperatorStore, ROLES, type Managed } from '../operator/operator-store.ts'
import { MANAGE_FAULTS, ROLE_NAMES } from '../operator/page-people.ts'
import type { Text } from '../vocabulary/incident.ts'
import type { Parsed } from './parse.ts'
import { refuse } from './speak.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'
import { formatTime } from '../acts/typed.ts'

// Operators by the command line: the same acts as on the operator page, for whoever may write the sentinel's folder.

export function operatorCommand({ command, id: name, more, flags }: Parsed, directory: string, serviceUrl: string, terminal: Terminal): ExitCode {
  const store = openOperatorStore(join(directory, OPERATORS_FILE), terminal.now())
  const done = (result: Managed): ExitCode => (result === 'done' ? EXIT.done : refuse(terminal, [MANAGE_FAULTS[result]]))
  try {
    switch (command) {
      case 'add': {
        const role = ROLES.find((each) => each === (flags['role'] ?? 'speaker'))
        if (role === undefined) return refuse(terminal, [NO_ROLE])
        const link = operatorLink(store, serviceUrl, name ?? null, role, terminal.now())
        if (link === null) return refuse(terminal, [{ ko: '쓸 수 없는 이름입니다.', en: 'This name cannot be used for an operator.' }])
        terminal.out(link)
        return EXIT.done
      }
      case 'remove':
        return done(store.remove(name ?? ''))
      case 'role': {
        const role = ROLES.find((each) => each === more)
        return role === undefined ? refuse(terminal, [NO_ROLE]) : done(store.setRole(name ?? '', role))
      }
      default:
        for (const { name: each, role, createdAt, id } of store.list())
          terminal.out(
            `${each} · ${role} (${ROLE_NAMES[role][terminal.language]}) · ${formatTime(createdAt, terminal.timeZone)} · passkeys: ${store.passkeysOf(id).length}`,
          )
        return EXIT.done
    }
  } finally {
    store.close()
  }
}

const NO_ROLE: Text = { ko: '할 일은 speaker 또는 keeper 입니다.', en: 'The role is speaker or keeper.' }
