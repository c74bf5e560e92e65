/**
 * Whether this key press sends. Enter that ends an input-method composition must not: Chromium says `isComposing`,
 * Safari fires keydown after compositionend with keyCode 229.
 */
export function sendsOnEnter(event: { key: string; shiftKey: boolean; isComposing: boolean; keyCode: number }): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229
}
