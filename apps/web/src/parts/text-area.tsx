import { useId } from 'react'

interface TextAreaProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly hint?: string
  readonly rows?: number
  readonly testId?: string
}

/** A field of several lines. */
export function TextArea({ label, value, onChange, hint, rows = 3, testId }: TextAreaProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box field-box-lines">
        <textarea
          id={id}
          rows={rows}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby={hint === undefined ? undefined : `${id}-below`}
          data-testid={testId}
        />
      </div>
      {hint !== undefined && (
        <p id={`${id}-below`} className="field-below">
          {hint}
        </p>
      )}
    </div>
  )
}
