//! Traditional and variant characters to simplified, for the commonest characters of the field. Owns the table; a
//! character that is not in it stays as it is.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Pairs: traditional or variant first, simplified second.
const PAIRS: &str = "還还錢钱貸贷額额帳账帐账賬账號号碼码點点開开關关機机實实認认證证銀银業业務务員员問问題题麼么嗎吗這这個个們们為为爲为\
來来時时間间會会過过沒没說说話话請请謝谢謂谓對对錯错誤误資资訊讯費费繳缴納纳綁绑解解換换轉转賣卖買买訂订單单據据發发髮发送送\
後后幾几歲岁萬万億亿兩两雙双從从給给讓让應应該该當当電电腦脑網网頁页線线連连結结清清續续約约紅红綠绿藍蓝黃黄黑黑長长張张\
種种類类級级數数總总計计算算條条款款項项規规則则協协議议審审覈核查查詢询徵征信信譽誉評评貼贴補补償偿還还歸归賠赔罰罚違违\
利利率率息息價价優优惠惠券券減减増增增增擔担憂忧慮虑險险保保險险騙骗盜盗竊窃舉举報报監监管管訴诉訟讼法法律律師师媒媒體体\
記记錄录刪删除除註注銷销撤撤單单寫写讀读聽听見见觀观視视頻频圖图檔档傳传輸输載载裝装卸卸軟软體体應应用用設设備备簡简訊讯\
語语音音電电話话號号區区鄉乡鎮镇縣县國国際际華华東东陸陆臺台灣湾廣广門门戶户頭头條条進进退退運运動动處处理理辦办公公勞劳\
醫医療疗病病傷伤藥药養养老老婦妇兒儿孫孙親亲屬属愛爱戀恋歡欢樂乐憤愤氣气惱恼煩烦難难過过壞坏滿满意意經经濟济緊紧急急慢慢\
變变更更動动態态樣样製制造造複复雜杂雲云風风飛飞馬马鳥鸟魚鱼龍龙車车輛辆軍军農农園园場场塊块壓压強强彈弹殺杀殘残歷历曆历\
爭争爺爷產产畢毕畫画異异眾众着着著着確确禮礼稅税穩稳窮穷競竞筆笔範范築筑糾纠級级細细終终組组絕绝統统維维緒绪編编練练織织\
罷罢義义習习聯联聲声職职脫脱膽胆臨临與与興兴舊旧葉叶蘭兰衛卫補补裡里裏里製制覺觉訪访試试詐诈詳详誰谁課课調调談谈論论諾诺\
講讲識识譯译護护豐丰貓猫貝贝負负財财貨货販贩貪贪責责貴贵賀贺賓宾賴赖贏赢趕赶趙赵跡迹踐践軌轨較较輕轻輪轮轄辖農农迴回迷迷\
遠远適适遲迟選选遺遗郵邮釋释針针鈔钞鉤钩鎖锁鍵键鐘钟鐵铁閃闪閉闭閱阅隊队階阶隨随隱隐離离雖虽響响頂顶順顺須须預预領领顯显\
願愿顧顾飯饭館馆驗验驚惊體体髒脏鬧闹麗丽齊齐龐庞寬宽寶宝將将專专尋寻導导層层幣币幫帮師师廠厂彙汇匯汇徑径恆恒懶懒懷怀戰战\
戲戏拋抛採采掃扫揮挥損损搶抢擇择擊击據据擬拟擾扰攔拦敗败敵敌斷断暫暂書书極极構构權权歐欧決决沖冲況况洩泄淨净準准滅灭潛潜\
濫滥無无獎奖獨独獲获環环現现盡尽盤盘礙碍祕秘秘秘稱称積积窩窝簽签籤签籌筹粵粤紀纪純纯紙纸縮缩罵骂聰聪肅肃腳脚臉脸節节範范\
萊莱蓋盖薦荐虧亏衝冲複复託托許许訓训詞词誠诚豈岂貫贯質质購购踴踊蹤踪軸轴載载輔辅辭辞邊边醜丑鑒鉴鑑鉴陳陈陰阴陽阳雙双雞鸡\
靈灵靜静頗颇頓顿顆颗飄飘餘余駐驻騷骚齡龄妳你您您祂他牠它甚什嘸无冇没係系喺在唔不嘅的咁这睇看俾给畀给佢他";

static TABLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let chars: Vec<char> = PAIRS.chars().collect();
    chars.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// The simplified form, or the character itself.
pub fn simplify(c: char) -> char {
    TABLE.get(&c).copied().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_aligned_and_common_characters_are_covered() {
        assert_eq!(PAIRS.chars().count() % 2, 0);
        let text: String = "還款額度後天開會轉賬驗證碼".chars().map(simplify).collect();
        assert_eq!(text, "还款额度后天开会转账验证码");
        // A simplified character never changes, so that folding twice changes nothing.
        for target in TABLE.values() {
            assert_eq!(simplify(*target), *target, "{target}");
        }
    }
}
