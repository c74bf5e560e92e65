/** Texts of the app's own journeys. */
const zh = {
  of: "第 {n} 步，共 {all} 步", next: "下一步", again: "重拍", working: "识别中…", finish: "返回首页", ask_here: "问客服", trouble: "演示：", demo_only: "演示应用：填写的内容不会离开这个页面。",
  trouble_photo: "照片总是模糊", trouble_face: "人脸核验失败", trouble_card: "银行卡被拒", trouble_slow: "放款很慢", trouble_debit: "扣款失败",
  apply_title: "申请借款", apply_text: "最快几分钟到账，先准备好身份证和一张本人储蓄卡。", apply_start: "开始申请", apply_points: "年化利率签约前完整展示；提前还款随时可办；申请和审核都不收费",
  id: "身份证", id_title: "上传身份证", id_text: "请在光线充足处拍摄，四角完整、无反光。", front: "人像面", back: "国徽面", shoot: "点击拍摄", blurred: "照片模糊，请重拍", clear: "已识别",
  face: "人脸", face_title: "人脸核验", face_text: "请本人操作，摘下帽子和口罩，正对屏幕。", face_start: "开始核验", face_ok: "核验通过", face_no: "没有核验通过，请正对光源再试一次",
  card: "银行卡", card_title: "绑定收款银行卡", card_text: "仅支持本人名下的储蓄卡。", card_number: "银行卡号", card_phone: "银行预留手机号", card_bind: "绑定", card_refused: "银行没有通过验证，请核对预留手机号或换一张卡", card_bad: "请填写 12–19 位卡号", phone_bad: "请填写 11 位手机号",
  contract: "合同", contract_title: "阅读合同", contract_text: "请仔细阅读，签约前可以随时问客服。", sum: "借款金额", rate: "年化利率（单利）", term: "期数", total_interest: "利息合计以还款计划为准", agree: "我已阅读并同意借款合同和征信授权书", to_sign: "去签约", code: "短信验证码", code_hint: "演示中任意 4 位数字", sign: "确认签约", code_bad: "请填写 4 位验证码",
  disbursement: "放款", disbursement_title: "放款中", disbursement_text: "通常 5 分钟内到账，到账后会通知您。", disbursement_slow: "银行仍在处理，请稍候。", refresh: "刷新进度", disbursed: "已到账", disbursed_text: "款项已打入您绑定的银行卡。",
  amount: "金额", repay_title: "还款", settle_title: "结清最后一期", pay_amount: "本次应还（元）", pay_to: "从尾号 {tail} 扣款", pay_next: "去扣款", confirm: "扣款", confirm_title: "确认扣款", confirm_text: "扣款成功后马上入账，请保持卡内余额充足。", pay: "确认扣款", pay_failed: "扣款没有成功：银行卡余额不足或超过限额", result: "结果", result_title: "已提交扣款", result_text: "一般 1 分钟内入账，请不要重复支付。", repaid: "还款成功", settled: "已结清", nothing_due: "现在没有要还的款",
  choose: "选择", early_title: "提前结清", early_text: "选择一笔借款，查看今天的结清金额。", quote: "试算", quote_title: "结清试算", quote_text: "剩余利息不再收取；手续费按合同约定，以客服试算为准。", to_confirm: "我要结清", early_confirm: "确认结清", early_done: "已提交结清", no_loans: "没有可以结清的借款",
}
type Words = typeof zh
const en: Words = {
  of: "Step {n} of {all}", next: "Next", again: "Retake", working: "Reading…", finish: "Back home", ask_here: "Ask support", trouble: "Demo:", demo_only: "Demo app: what you type does not leave this page.",
  trouble_photo: "photos always blurred", trouble_face: "face check fails", trouble_card: "card refused", trouble_slow: "slow payout", trouble_debit: "debit fails",
  apply_title: "Apply for a loan", apply_text: "Money in minutes. Have your ID card and a debit card of your own at hand.", apply_start: "Start", apply_points: "The rate is shown in full before you sign；Settle early at any time；Applying costs nothing",
  id: "ID", id_title: "Your ID card", id_text: "Good light, four corners, no reflection.", front: "Front", back: "Back", shoot: "Tap to take", blurred: "Blurred, please retake", clear: "Read",
  face: "Face", face_title: "Face check", face_text: "You, no cap, no mask, facing the screen.", face_start: "Start", face_ok: "Passed", face_no: "Not passed; face the light and try again",
  card: "Card", card_title: "Card to receive the money", card_text: "Only your own debit card.", card_number: "Card number", card_phone: "Mobile number kept by the bank", card_bind: "Add the card", card_refused: "The bank did not confirm it; check the number or take another card", card_bad: "12 to 19 digits", phone_bad: "11 digits",
  contract: "Contract", contract_title: "The contract", contract_text: "Read it well; ask support whatever you like before you sign.", sum: "Sum", rate: "Rate a year, simple", term: "Instalments", total_interest: "The repayment plan has the interest in full", agree: "I have read and accept the loan contract and the credit report consent", to_sign: "Sign", code: "Code by text message", code_hint: "any 4 digits in this demo", sign: "Sign now", code_bad: "4 digits",
  disbursement: "Payout", disbursement_title: "Being paid out", disbursement_text: "Usually within 5 minutes; you will be told.", disbursement_slow: "The bank is still at it, please wait.", refresh: "Refresh", disbursed: "Paid out", disbursed_text: "The money is on your card.",
  amount: "Sum", repay_title: "Repay", settle_title: "Pay the last instalment", pay_amount: "To pay now (yuan)", pay_to: "From the card ending {tail}", pay_next: "Pay", confirm: "Debit", confirm_title: "Confirm", confirm_text: "It is booked at once; please keep enough on the card.", pay: "Confirm", pay_failed: "Not collected: too little on the card, or above its limit", result: "Result", result_title: "Sent to the bank", result_text: "Booked within a minute; please do not pay twice.", repaid: "Repaid", settled: "Settled", nothing_due: "Nothing is due now",
  choose: "Choose", early_title: "Early settlement", early_text: "Choose a loan to see what settles it today.", quote: "Quote", quote_title: "To settle today", quote_text: "No further interest; the fee is as in the contract, support works it out.", to_confirm: "Settle it", early_confirm: "Confirm", early_done: "Settlement sent", no_loans: "No loan to settle",
}
export const journeyMessages = { "zh-CN": { j: zh }, en: { j: en } }
