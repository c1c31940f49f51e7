/** Debian's Python. Debian's packages, such as python3-websockets, are for this one. */
export const PYTHON = '/usr/bin/python3'
