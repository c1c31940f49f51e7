import { useEffect } from 'react'
import { useTexts } from '../adapters/settings-store.ts'
import { toast } from '../parts/toast.tsx'

/** Files cannot be sent. One that is dropped or pasted gets an answer in words, instead of opening in place of the app. */
export function useNoFiles(): void {
  const texts = useTexts()
  useEffect(() => {
    const isFile = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true
    const onOver = (event: DragEvent): void => {
      if (isFile(event.dataTransfer)) event.preventDefault()
    }
    const onDrop = (event: DragEvent): void => {
      if (!isFile(event.dataTransfer)) return
      event.preventDefault()
      toast(texts.noFiles)
    }
    const onPaste = (event: ClipboardEvent): void => {
      // A text with a picture of itself, as an office program copies it, is a text.
      if (!isFile(event.clipboardData) || event.clipboardData?.types.includes('text/plain') === true) return
      event.preventDefault()
      toast(texts.noFiles)
    }
    document.addEventListener('dragover', onOver)
    document.addEventListener('drop', onDrop)
    document.addEventListener('paste', onPaste)
    return () => {
      document.removeEventListener('dragover', onOver)
      document.removeEventListener('drop', onDrop)
      document.removeEventListener('paste', onPaste)
    }
  }, [texts])
}
