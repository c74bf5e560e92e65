//! The bot's own few sentences, in both languages. Owns wording only; decides nothing.

use crate::time::Timestamp;
use crate::understanding::Lang;

macro_rules! phrases {
    ($($name:ident: $zh:expr, $en:expr;)+) => {$(
        pub(crate) fn $name(lang: Lang) -> &'static str {
            match lang {
                Lang::ZhCn => $zh,
                Lang::En => $en,
            }
        }
    )+};
}

phrases! {
    submit: "提交", "Submit";
    talk_to_person: "转人工", "Talk to a person";
    none_of_these: "都不是", "None of these";
    carry_on: "继续办理", "Carry on";
    stop_this: "不办了", "Stop this";
    leave_queue: "不等了，继续问智能助手", "Stop waiting, go on with the assistant";
    try_again: "再试一次", "Try again";
    still_asking: "我正在查询，马上就好。", "I am still looking it up; one moment.";
    greeting: "您好，我是智能助手。请直接说您遇到的问题，比如「这个月要还多少」；需要人工时，随时说「转人工」。",
        "Hello, I am the assistant. Tell me what you need, such as \"how much do I owe this month\"; say \"human\" at any time to talk to a person.";
    thanks: "不客气。还有别的需要，随时告诉我。", "You are welcome. If there is anything else, just tell me.";
    goodbye: "好的，再见，祝您一切顺利。", "Goodbye, and all the best.";
    did_you_mean: "我想确认一下，您问的是哪一个？", "Let me make sure: which one do you mean?";
    you_also_asked: "您还问到另一件事，点这里看：", "You also asked about this:";
    do_not_know: "这个问题我没有把握，不想误导您。您可以换个说法，或者直接转人工。",
        "I am not sure about this one and do not want to mislead you. Please put it another way, or talk to a person.";
    sorry_not_solved: "抱歉，没有帮到您。您可以再说具体一点，或者直接转人工，我会把我们刚才聊的都带过去。",
        "I am sorry that did not help. Tell me a little more, or talk to a person: they will see what we said.";
    sign_in_first: "这件事要先确认是您本人，请在 App 里登录后再办理。下面是一般说明：",
        "To do this I must know that it is you: please sign in in the app first. In general:";
    did_not_fit: "我没有从这句话里找到需要的内容。", "I could not find what I need in that.";
    cancelled: "好的，已经停下，没有做任何改动。", "Done: I have stopped, and nothing was changed.";
    paused: "您刚才的办理我先保留着。", "I have kept what you were doing.";
    expired_button: "这个按钮已经过期了，请用最新的一个，或者直接告诉我您要做什么。",
        "That button is out of date. Please use the latest one, or tell me what you need.";
    no_answer: "系统暂时没有答复，没有产生任何改动。可以再试一次，或者转人工。",
        "Our system did not answer just now; nothing was changed. Try again, or talk to a person.";
    unknown_outcome: "您的请求已经提交，但系统还没有告诉我结果。请不要重复操作，也不会重复扣款；工作人员会核实，并尽快答复您。",
        "Your request was sent, but the system has not told me the result. Please do not repeat it; you will not be charged twice. A colleague will check and tell you.";
    connecting: "正在为您转接人工。您说过的内容已经带过去，不用重复。", "I am connecting you to a person. They can see what you have said, so no need to repeat it.";
    in_queue: "您正在排队等人工，位置一直保留着。想先自己办，可以先退出排队。",
        "You are waiting for a person and keep your place. To do this yourself first, leave the queue.";
    complaint: "对不起，给您添麻烦了。您的意见我们会认真处理。",
        "I am sorry for the trouble. We take this seriously.";
    fraud: "请先别转账，也不要把验证码、密码告诉任何人。已经转了账的，请马上拨打 110 报警。",
        "Please transfer nothing and give no code or password to anyone. If money has gone already, call the police (110 in China) at once.";
    hardship: "遇到困难不用一个人扛，会有专门的同事跟您一起看看有哪些办法。",
        "You do not have to carry this alone. A colleague who handles this will look at the options with you.";
    distress: "我很担心您。请先保证自己的安全，可以拨打全国统一心理援助热线 12356，紧急时请拨 120 或 110。",
        "I am worried about you. Please keep yourself safe: in China you can call the psychological helpline 12356, or 120 and 110 in an emergency.";
    not_for_bot: "这件事由专门的同事处理更稳妥。", "A colleague had better handle this.";
    repeated_failure: "抱歉，我几次都没帮上忙，这件事交给同事来办。", "I am sorry I could not help; this goes to a colleague.";
    already_promised: "您的事已经登记，工作人员会按约定时间联系您。这期间您可以继续问我。",
        "Your case is already registered and a colleague will contact you as promised. Meanwhile you can go on asking me.";
    back_with_bot: "好的，我在。请继续说。", "All right, I am here. Please go on.";
    agent_left: "同事暂时离开了，正在为您安排下一位，您的位置保留在最前面。",
        "Your colleague had to leave; the next one is on the way and you keep your place at the front.";
    takes_longer: "您的问题正在由同事核对，还需要一点时间，请稍等，结果会直接发在这里。", "A colleague is checking this for you and needs a little longer; the answer will appear here.";
    transferring: "正在为您转给更合适的同事，前面聊的内容已经一起带过去，不用重复。", "I am passing you on to the right colleague. They can see what we said, so no need to repeat it.";
    veto_followup: "这个问题需要再核实，由同事直接答复您。", "This needs checking; a colleague will answer you directly.";
}

/// Why a ticket is opened instead of a person coming now; also says what the customer can do meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Staffing {
    NobodyOnline,
    /// People are there, but nobody for this; or it is outside their hours.
    NobodyAble,
    /// People are there, and the customer keeps the place in the queue.
    EverybodyBusy,
}

/// A promise with its time, in China's zone: `11月22日 18:05 前`.
pub(crate) fn promise(lang: Lang, staffing: Staffing, ticket: &str, by: Timestamp) -> String {
    let moment = by.china_time();
    let (why, meanwhile) = match (lang, staffing) {
        (Lang::ZhCn, Staffing::NobodyOnline) => ("现在没有同事在线。", "这期间您可以继续问我。"),
        (Lang::ZhCn, Staffing::NobodyAble) => ("现在没有能处理这件事的同事在线。", "这期间您可以继续问我。"),
        (Lang::ZhCn, Staffing::EverybodyBusy) => ("同事们都还在忙，让您久等了。", "您排队的位置也还保留着。"),
        (Lang::En, Staffing::NobodyOnline) => ("No colleague is online now.", "Meanwhile you can go on asking me."),
        (Lang::En, Staffing::NobodyAble) => {
            ("No colleague who can handle this is online now.", "Meanwhile you can go on asking me.")
        }
        (Lang::En, Staffing::EverybodyBusy) => {
            ("I am sorry for the wait: my colleagues are all busy.", "You also keep your place in the queue.")
        }
    };
    match lang {
        Lang::ZhCn => format!(
            "{why}您的事已经登记（编号 {ticket}），我们会在 {}月{}日 {:02}:{:02} 前联系您。{meanwhile}",
            moment.month(),
            moment.day(),
            moment.hour(),
            moment.minute()
        ),
        Lang::En => format!(
            "{why} Your case is registered (number {ticket}) and we will contact you before {:02}:{:02} on {}-{:02}-{:02} (China time). {meanwhile}",
            moment.hour(),
            moment.minute(),
            moment.year(),
            moment.month(),
            moment.day()
        ),
    }
}

/// An agent's ticket, with its number and the time of the promise.
pub(crate) fn ticket_opened(lang: Lang, ticket: &str, by: Timestamp) -> String {
    let moment = by.china_time();
    let (month, day, hour, minute) = (moment.month(), moment.day(), moment.hour(), moment.minute());
    match lang {
        Lang::ZhCn => format!(
            "已为您登记工单 {ticket}，我们会在 {month}月{day}日 {hour:02}:{minute:02} 前给您答复。进度可以随时在“我的工单”里查看。"
        ),
        Lang::En => format!(
            "I have opened ticket {ticket} for you: you will have an answer before {hour:02}:{minute:02} on {}-{month:02}-{day:02} (China time). Follow it under \"My tickets\".",
            moment.year()
        ),
    }
}

/// Says that a machine put an answer together, and from what.
pub fn written_from(lang: Lang, titles: &[String]) -> String {
    match lang {
        Lang::ZhCn => format!("（由 AI 根据知识库“{}”整理）", titles.join("”“")),
        Lang::En => format!("(Put together by AI from: {})", titles.join("; ")),
    }
}
