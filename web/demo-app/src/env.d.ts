/// <reference types="vite/client" />
import type { JietiApi } from "@jieti/widget/src/main.ts"
declare global { interface Window { Jieti?: JietiApi } }
