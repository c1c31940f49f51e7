import { Component, type ReactNode } from 'react'
import { PartFailed } from './part-failed.tsx'

interface BoundaryProps {
  /** By default, another try draws the part anew. */
  readonly onRetry?: () => void
  readonly onClose?: (() => void) | null
  readonly out?: string
  readonly children: ReactNode
}

/** A part of the screen whose failure takes nothing else with it [C9]. React reports the error in the console. */
export class Boundary extends Component<BoundaryProps, { readonly isBroken: boolean }> {
  override readonly state = { isBroken: false }

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true }
  }

  readonly #again = (): void => this.setState({ isBroken: false })

  override render(): ReactNode {
    const { children, onRetry = this.#again, ...ways } = this.props
    return this.state.isBroken ? <PartFailed isBroken onRetry={onRetry} {...ways} /> : children
  }
}
