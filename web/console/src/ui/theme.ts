/** Naive UI in our clothes; the CSS variables of app.css hold the same values. */
import type { GlobalThemeOverrides } from "naive-ui"

const font = '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'
const shape = { borderRadius: "6px", borderRadiusSmall: "5px", fontFamily: font, fontSize: "13px", fontSizeSmall: "13px", fontSizeMedium: "13px", heightMedium: "32px", heightSmall: "28px", lineHeight: "1.5" }
const build = (c: { accent: string; hover: string; press: string; card: string; modal: string; text: string; muted: string; line: string; soft: string; input: string }): GlobalThemeOverrides => ({
  common: {
    ...shape, primaryColor: c.accent, primaryColorHover: c.hover, primaryColorPressed: c.press, primaryColorSuppl: c.hover, cardColor: c.card, modalColor: c.modal, popoverColor: c.modal,
    textColorBase: c.text, textColor1: c.text, textColor2: c.text, textColor3: c.muted, placeholderColor: c.muted, borderColor: c.line, dividerColor: c.line, hoverColor: c.soft, inputColor: c.input,
  },
  Button: { fontWeight: "500" }, Input: { color: c.input, border: `1px solid ${c.line}` },
  Select: { peers: { InternalSelection: { color: c.input, border: `1px solid ${c.line}` } } },
})
export const lightTheme = build({ accent: "#0b6b68", hover: "#0e7f7b", press: "#095553", card: "#ffffff", modal: "#ffffff", text: "#17212b", muted: "#5c6873", line: "#dde2e6", soft: "#f1f4f5", input: "#ffffff" })
export const darkOverrides = build({ accent: "#45c4b5", hover: "#62d3c5", press: "#36a89b", card: "#171d22", modal: "#1d242a", text: "#e6ebee", muted: "#95a3ad", line: "#2b343b", soft: "#20282e", input: "#12171b" })
