/** Stable codes of reasons and signals as words. A code we do not know is shown as it is: better odd than hidden. */
import { useI18n } from "vue-i18n"

export function useReason(): (code: string) => string {
  const { t, te } = useI18n()
  return (code) => {
    const last = code.split(/[.:]/).at(-1) ?? code
    return te(`reason.${last}`) ? t(`reason.${last}`) : code
  }
}
