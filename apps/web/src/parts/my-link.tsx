import { useTexts } from '../adapters/settings-store.ts'
import { paths } from '../route.ts'
import { CopyLink } from './copy-link.tsx'
import { Qr } from './qr.tsx'

/** One's own link and its QR code, with which others add one as a friend. */
export function MyLink({ handle }: { readonly handle: string }) {
  const texts = useTexts()
  const link = `${location.origin}/${paths.add(handle)}`
  return (
    <div className="my-link">
      <Qr text={link} label={texts.myQr} />
      <p className="hint">{texts.myLinkAbout}</p>
      <CopyLink link={link} testId="my-link-text" />
    </div>
  )
}
