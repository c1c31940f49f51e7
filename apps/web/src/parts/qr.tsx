import { create } from 'qrcode'
import { useMemo } from 'react'

/** Width in modules of the empty border that readers need (ISO/IEC 18004). */
const quietModules = 4

/** A QR code as one path: no picture is loaded, and it stays sharp. Always dark on light, as readers expect. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { path, side } = useMemo(() => {
    const { modules } = create(text, { errorCorrectionLevel: 'M' })
    let drawn = ''
    for (let row = 0; row < modules.size; row++) {
      for (let column = 0; column < modules.size; column++) {
        if (modules.get(row, column) !== 0) drawn += `M${column + quietModules} ${row + quietModules}h1v1h-1z`
      }
    }
    return { path: drawn, side: modules.size + 2 * quietModules }
  }, [text])
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`0 0 ${side} ${side}`} shapeRendering="crispEdges">
      <rect width={side} height={side} fill="#fff" />
      <path d={path} fill="#1f1b16" />
    </svg>
  )
}
