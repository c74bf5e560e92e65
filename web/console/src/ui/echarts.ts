/** The parts of ECharts that are used. Imported by `ChartBox` when the first chart comes up, never at the start. */
import { BarChart, SankeyChart } from "echarts/charts"
import { GridComponent, TooltipComponent } from "echarts/components"
import * as core from "echarts/core"
import { SVGRenderer } from "echarts/renderers"

core.use([BarChart, SankeyChart, GridComponent, TooltipComponent, SVGRenderer])

export const draw = (element: HTMLElement): core.ECharts => core.init(element, null, { renderer: "svg" })
