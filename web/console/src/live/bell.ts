/** A short sound and a browser notice, where this person wants them and looks elsewhere. */
import { prefs } from "./prefs.ts"

let audio: AudioContext | null = null

/** Two soft tones; a browser that has not been clicked in yet plays nothing. */
export function ring(urgent: boolean): void {
  if (!prefs.sound) return
  audio ??= new AudioContext()
  const start = audio.currentTime
  for (const [i, hertz] of (urgent ? [880, 660, 880] : [660, 880]).entries()) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    tone.frequency.value = hertz
    volume.gain.setValueAtTime(0.08, start + i * 0.14)
    volume.gain.exponentialRampToValueAtTime(0.001, start + i * 0.14 + 0.13)
    tone.connect(volume).connect(audio.destination)
    tone.start(start + i * 0.14)
    tone.stop(start + i * 0.14 + 0.14)
  }
}

/** Only while the page is out of sight: what is on the screen needs no notice. The click comes back here. */
export function notice(title: string, body: string, open: () => void): void {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return
  const shown = new Notification(title, { body, tag: title })
  shown.onclick = () => { window.focus(); open(); shown.close() }
}

/** Browsers ask only after a click, so this runs when somebody goes on duty. */
export function askForNotices(): void {
  if ("Notification" in window && Notification.permission === "default") void Notification.requestPermission()
}
