/** Everything that needs the schema library. Browsers import '@bongsu/protocol' instead, which is types, limits and codes only. */
export * from './ids.ts'
export * from './message.ts'
export * from './account.ts'
export * from './up.ts'
export * from './down.ts'
export * from './http.ts'
export * from './status.ts'
