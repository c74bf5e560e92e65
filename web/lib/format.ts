/** Times and durations as people read them. The clock is an argument. */
import type { Lang } from "./wire.ts"

const pad = (n: number): string => String(n).padStart(2, "0")

const dayMs = 86_400_000
/** The bot promises in the lender's time, wherever it is read: China has one zone and no summer time. Its fields are the UTC ones. */
const inChina = (at: number): Date => new Date(at + 8 * 3_600_000)
const day = (at: number): number => Math.floor(inChina(at).getTime() / dayMs)

/** 14:05 */
export function clockTime(at: number): string {
  const d = inChina(at)
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`
}

/** Today 14:05, yesterday, or the date. */
export function dayTime(at: number, now: number, lang: Lang): string {
  const d = inChina(at)
  const days = day(now) - day(at)
  const time = clockTime(at)
  const zh = lang === "zh-CN"
  if (days === 0) return time
  if (days === 1) return zh ? `昨天 ${time}` : `yesterday ${time}`
  if (days === -1) return zh ? `明天 ${time}` : `tomorrow ${time}`
  return zh ? `${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${time}` : `${d.getUTCDate()} ${months[d.getUTCMonth()]} ${time}`
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** 0:42, 12:05, 1:02:05: for timers that tick. Negative is 0:00. */
export function timer(ms: number): string {
  const secs = Math.max(0, Math.floor(ms / 1000))
  const h = Math.floor(secs / 3600)
  const m = Math.floor((secs % 3600) / 60)
  return h > 0 ? `${h}:${pad(m)}:${pad(secs % 60)}` : `${m}:${pad(secs % 60)}`
}

/** 42 秒, 3 分钟, 5 小时, 2 天: for reading, not for counting. */
export function duration(ms: number, lang: Lang): string {
  const secs = Math.max(0, Math.round(ms / 1000))
  const zh = lang === "zh-CN"
  const say = (n: number, z: string, e: string): string => (zh ? `${n} ${z}` : `${n} ${e}`)
  if (secs < 60) return say(secs, "秒", "s")
  if (secs < 3600) return say(Math.round(secs / 60), "分钟", "min")
  if (secs < 86_400 * 2) return say(Math.round(secs / 3600), "小时", "h")
  return say(Math.round(secs / 86_400), "天", "d")
}

/** Expected wait, never promised to the second: rounded up to half minutes below five, to minutes above. */
export function roughWait(secs: number, lang: Lang): string {
  const zh = lang === "zh-CN"
  if (secs <= 30) return zh ? "不到半分钟" : "under half a minute"
  if (secs <= 60) return zh ? "约 1 分钟" : "about 1 minute"
  const minutes = Math.ceil(secs / 60)
  return zh ? `约 ${minutes} 分钟` : `about ${minutes} minutes`
}

export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10
}
