import { useId } from 'react'

interface ChoiceProps<T extends string | number> {
  readonly legend: string
  readonly value: T
  readonly options: readonly { readonly value: T; readonly text: string }[]
  readonly onChange: (value: T) => void
  readonly testId?: string
}

/** A choice of a few visible options: real radio buttons in the shape of a segmented control. */
export function Choice<T extends string | number>({ legend, value, options, onChange, testId }: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset className="choice" data-testid={testId}>
      <legend>{legend}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} value={option.value} />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
