import type { Scenario } from './scenario.ts'

export const web: Scenario = () => Promise.reject(new Error('not yet'))
