const colours = 12

/** 1 to 12, always the same for the same id. */
export function faceColour(id: string): number {
  let hash = 7
  for (let index = 0; index < id.length; index++) hash = (hash * 31 + id.charCodeAt(index)) >>> 0
  return (hash % colours) + 1
}
