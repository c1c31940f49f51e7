import { useId, useState, type InputHTMLAttributes, type Ref } from 'react'
import { useTexts } from '../adapters/settings-store.ts'
import { EyeIcon, EyeOffIcon } from './icons.tsx'

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value'> {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** The expected input, shown under the field until there is an error. */
  readonly hint?: string | undefined
  readonly error?: string | null
  readonly inputRef?: Ref<HTMLInputElement>
}

export function Field({ label, value, onChange, hint, error = null, inputRef, type = 'text', ...rest }: FieldProps) {
  const texts = useTexts()
  const id = useId()
  const [shown, setShown] = useState(false)
  const secret = type === 'password'
  const below = error ?? hint
  return (
    <div className={`field${error === null ? '' : ' field-wrong'}`}>
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          {...rest}
          ref={inputRef}
          id={id}
          type={secret && shown ? 'text' : type}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-invalid={error !== null}
          aria-describedby={below === undefined ? undefined : `${id}-below`}
        />
        {secret && (
          <button
            type="button"
            className="icon-button"
            aria-label={shown ? texts.hidePassword : texts.showPassword}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            {shown ? <EyeOffIcon size={20} /> : <EyeIcon size={20} />}
          </button>
        )}
      </div>
      {below !== undefined && (
        <p id={`${id}-below`} className="field-below" role={error === null ? undefined : 'alert'}>
          {below}
        </p>
      )}
    </div>
  )
}
