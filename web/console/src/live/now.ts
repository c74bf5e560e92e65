/** One clock for everything that ticks. */
import { ref } from "vue"

const now = ref(Date.now())
setInterval(() => { now.value = Date.now() }, 500)
export const useNow = () => now
