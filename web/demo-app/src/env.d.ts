/// <reference types="vite/client" />
import type { JietiSdkApi } from "@jieti/sdk/src/main.ts"
import type { JietiApi } from "@jieti/widget/src/main.ts"
declare global { interface Window { Jieti?: JietiApi; JietiSdk?: JietiSdkApi } }
