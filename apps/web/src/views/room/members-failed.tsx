import { useTexts } from '../../adapters/settings-store.ts'

/** A page of members did not come. */
export function MembersFailed({ load }: { readonly load: () => Promise<void> }) {
  const texts = useTexts()
  return (
    <p className="hint" role="status">
      {texts.membersFailed}{' '}
      <button type="button" className="text-button" onClick={() => void load()}>
        {texts.retry}
      </button>
    </p>
  )
}
