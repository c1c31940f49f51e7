import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type Compilable,
  type Dialect,
} from 'kysely'
import type { Statement, Step } from './sql-database.ts'
import type { Tables } from './tables.ts'

/** Builds statements and never runs them. SqlDatabase runs them. */
export type Builder = Kysely<Tables>

const dialects: Record<'sqlite' | 'postgres', Dialect> = {
  sqlite: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  postgres: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
}

export function createBuilder(dialect: 'sqlite' | 'postgres'): Builder {
  return new Kysely<Tables>({ dialect: dialects[dialect] })
}

export function statement(query: Compilable): Statement {
  const { sql, parameters } = query.compile()
  return { sql, parameters }
}

/** A step that must affect exactly `rows` rows. Otherwise the transaction fails as `otherwise`. */
export function step(query: Compilable, rows?: number, otherwise?: string): Step {
  return { ...statement(query), ...(rows === undefined ? {} : { rows }), ...(otherwise === undefined ? {} : { otherwise }) }
}
