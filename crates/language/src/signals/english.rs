//! Signals in English. Owns the table; every row has its hard negatives in `not` and in the tests.

use super::{Row, WholeRow};
use jieti_domain::understanding::Signal;

pub(super) const ROWS: &[Row] = &[
    Row {
        signal: Signal::WantsHuman,
        shows: &[
            "(talk|speak|chat|connect|transfer|put|pass|switch|escalate|hand) .. (human|person|agent|representative|rep|operator|advisor|adviser|someone|somebody|supervisor|manager|people|colleague|specialist)",
            "(want|need|get|give|find|prefer|like|request|call|is there) .. (human|real person|actual person|live person|live agent|real human|agent|representative|operator|supervisor|manager|live chat)",
            "^(human|agent|operator|representative|rep|real person|live agent|live person|customer service|a human|person|human agent|live chat|supervisor|manager|real human|staff)(please|pls|now||)$",
            "(real|live|actual|human) (person|agent|human|being|representative|operator|support) (please|now|pls)",
            "(human|agent|representative|operator) (please|pls|now)",
            "(stop|no|not|dont want|hate|tired of|sick of) .. (bot|robot|machine|chatbot)",
            "(can i|let me|i want to|id like to|i need to) (speak|talk|chat) (to|with) .. (someone|human|person|agent)",
            "(anyone|anybody|someone) (there|human|alive|real)",
        ],
        not: &[
            "(human|manual) (review|error|resources)",
            "(contact|collection|debt|agency|estate|travel|letting|loan) (person|agent|agents)",
            "(emergency|reference) (contact|person)",
            "(how long|when|what time|what hours) .. (human|agent|agents|person|staff|customer service)",
            "(dont|do not|no) need .. (human|agent|person)",
            "(agent|agents|someone|person|somebody|people) (called|calling|told|asked|charges|charged|fee|fees|said|says|who|else|used|else s)",
            "(agents|agent) .. (fee|scam|charge|commission)",
            "(transfer|send|pay|give) (money|cash|the loan|it|funds) to .. (person|someone|agent|somebody)",
            "talk to (someone|somebody) (about|who stole)",
        ],
    },
    Row {
        signal: Signal::Complaint,
        shows: &[
            "(want|wish|like|need|going|have|would like) to (make|file|lodge|raise|submit|complain) .. (complaint|complain|about|formal)",
            "(want|wish|going|like|need|have|will) (to|) (complain|file a complaint|make a complaint|lodge a complaint|raise a complaint)",
            "(i will|ill|i shall|im going to|im) (complain|complaining)",
            "(terrible|awful|horrible|appalling|disgusting|worst|unacceptable|pathetic|dreadful|shocking|rubbish) (service|company|experience|support|app|treatment|attitude)",
            "(service|support|attitude|experience|this) (is|was) (so|very|absolutely|totally|just|) (terrible|awful|horrible|unacceptable|disgusting|appalling|the worst|a disgrace|outrageous)",
            "^(complaint|complain|i complain|a complaint)(!|.|)$",
            "(very|extremely|so|really|totally|completely) (dissatisfied|unhappy|disappointed)",
        ],
        not: &[
            "(how|where|can i|way) .. (complain|make a complaint|file a complaint|lodge a complaint)",
            "complaint (number|phone|hotline|status|progress|result|channel|email|procedure|process|take|handled)",
            "(withdraw|cancel|progress of|status of|result of) .. complaint",
        ],
    },
    Row {
        signal: Signal::RegulatorThreat,
        shows: &[
            "(report|complain|go|going|write|call|tell|take|contact|inform|escalate|file) .. (regulator|regulators|regulatory|cbirc|nfra|ombudsman|consumer association|consumer council|financial authority|central bank|12378|12345|12363|12315|authorities)",
            "(12378|12363)",
            "(i will|ill|i shall|im going to|im) (report|reporting) you",
            "(sue|suing|prosecute) (you|your|the company|this company)",
            "(take|taking|see|bring) (you|this) (all|) .. (court|tribunal)",
            "(see you in court|legal action against|take legal action|taking legal action)",
            "(my|a|our|call|get|hire|hiring) (lawyer|attorney|solicitor) (will|is|about|against|on this|to|and)",
            "(i will|ill|im going to|going to|i have|ive|let me) (get|hire|contact|contacted|call|consult|hired|consulted|talk to|see) .. (lawyer|attorney|solicitor)",
            "(go|going|tell|post|take|call|contact|expose|report) .. (media|press|newspaper|newspapers|journalist|journalists|tv|social media|twitter|public with)",
            "(expose|exposing) (you|your|this company)",
        ],
        not: &[
            "(will|can|would|are|do|could) you (sue|suing|take) (me|my)",
            "(sue|suing) me",
            "(regulated|licensed|approved|supervised) by",
            "take me to court",
            "(got|received|getting) .. (lawyer|legal) letter",
        ],
    },
    Row {
        signal: Signal::FraudVictim,
        shows: &[
            "(i|ive|i have|my mother|my father|my mom|my dad|my wife|my husband|my friend|we|he|she|i think i|think im) (was|were|been|got|am|being|m|have been|just got|may have been) (scammed|defrauded|tricked|conned|cheated|phished|hacked|fooled)",
            "(been|got|was|getting) (scammed|defrauded|conned|phished)",
            "(victim of) .. (scam|fraud|identity theft)",
            "(someone|somebody|another person|my friend|my ex|thief|a stranger|scammer|they) (used|stole|is using|has used|took|has stolen|uses) my .. (id|identity|name|information|details|phone|card|account|data)",
            "my (identity|id|account|phone|card|details|data|information) .. (stolen|hacked|used by|compromised|misused)",
            "(i|ive|i have) (never|did not|didnt|havent|have not) (borrow|borrowed|apply|applied|take|taken|took|sign|signed|took out|asked for|authorise|authorize) .. (loan|this|money|anything|for|you|but)",
            "(not|isnt|wasnt|is not|was not) (my loan|me who borrowed|me who applied|mine i never)",
            "(loan|application|transaction|payment) .. (i did not|i didnt|i never|not me|not mine|without my knowledge)",
            "(gave|told|sent|shared) .. (code|otp|password|screen) .. (scammer|stranger|someone|caller|them|him)",
            "(transferred|sent|paid) .. (scammer|scammers|fraudster|safe account)",
            "safe account",
        ],
        not: &[
            "(how|avoid|prevent|protect|recognise|recognize|spot|against|beware) .. (scam|scams|scammed|fraud|frauds|identity theft)",
            "(is this|are you|is it|is that) .. (scam|fraud|legit)",
            "(afraid|worried|scared) .. (scammed|scam)",
            "(i have|i did|ive|i) not been scammed",
        ],
    },
    Row {
        signal: Signal::Hardship,
        shows: &[
            "(lost|lose|losing|quit) my (job|income|business|work)",
            "(i am|im|i was|ive been|got|been|became|now) (unemployed|laid off|fired|made redundant|bankrupt|jobless|furloughed|sacked)",
            "(cant|cannot|can not|couldnt|unable to|not able to|no way to|struggling to|struggle to|wont be able to) (afford|pay|repay|make|keep up|meet) .. (it|loan|payment|payments|this month|bill|debt|debts|instalment|installment|any more|anymore|this|you|back|due|money|now|repayment|repayments)",
            "(cant|cannot|unable to|not able to) (afford|repay|pay you|pay it back|pay back|pay anymore|pay any more)",
            "(no|dont have|havent got|out of|do not have|have no|without) (any |) (money|income|job|salary) (to|left|any|for|at all|right now|because|and)",
            "(hospital|sick|illness|surgery|cancer|accident|ill|medical) .. (cant pay|no money|cannot pay|cant work|bills|repay|afford|pay)",
            "(cant pay|no money|cannot pay|afford) .. (hospital|sick|illness|surgery|cancer|accident)",
            "(financial|money) (hardship|difficulty|difficulties|trouble|troubles|problems)",
            "(in serious|serious|huge|too much|drowning in|deep in|buried in) debt",
            "(salary|wages|wage) .. (not paid|unpaid|delayed|late|not been paid)",
        ],
        not: &[
            "(unemployed|no job|no income|jobless|without a job) .. (apply|borrow|get a loan|eligible|qualify)",
            "(can|could) .. (unemployed|jobless) .. (borrow|apply|loan)",
            "(cant|cannot|unable to) pay (with|by|using|through|via|in the app|on the app|in app)",
            "(payment|pay) (button|page)",
            "what (if|happens if) i (cant|cannot|dont)",
            "(cant|cannot|unable to) (make|pay) .. (app|card|error|page|wechat|alipay)",
        ],
    },
    Row {
        signal: Signal::SelfHarm,
        shows: &[
            "(want|going|rather|ready|plan|planning|about|wish|thinking about|feel like|better off) .. (die|dying|dead|kill myself|killing myself|end my life|ending my life|end it all|suicide)",
            "(kill|hurt|harm|hang|cut) myself",
            "(end|take|ending|taking) my (own |) life",
            "(suicide|suicidal)",
            "(dont|do not|no longer) want to (live|be alive|be here anymore|exist|go on living)",
            "(cant|cannot) go on (living|like this anymore)",
            "(no|nothing|not worth) .. (reason to live|worth living|living for|point in living|point living)",
            "(jump off|jump from) .. (bridge|roof|building)",
            "(life is not worth|life isnt worth|tired of living|better off without me)",
            "want to die",
            "end it all",
        ],
        not: &[
            "(dying|die|dead) (to|of) (know|laughing|laughter|boredom|get|hear)",
            "(phone|battery|app|line|laptop|sim) (is|was|went|died|has|about to) .. (dead|die|died|dying)",
            "(youre|you are|its|this is|waiting is|app is|queue is) killing me",
            "if i die",
        ],
    },
    Row {
        signal: Signal::Abuse,
        shows: &[
            "(fuck|fucking|fucker|fuck you|f u|fck|wtf|motherfucker|asshole|arsehole|bastard|bastards|bitch|cunt|dickhead|shit|bullshit|shitty|moron|morons|idiot|idiots|retard|imbecile|scumbag|scum|crooks|bloodsuckers|dumbass|piss off|screw you|go to hell|shut up|damn you|twat|wanker)",
            "(you|youre|you are|this bot is|bot) .. (stupid|dumb|useless|thieves|liars|scammers|pathetic|trash|garbage|worthless)",
        ],
        not: &["(scammers|thieves) (called|calling|stole|contacted|used)", "are you .. (scammers|scam)"],
    },
    Row {
        signal: Signal::Correction,
        shows: &[
            "^(no|sorry|oops|wait|actually|wrong|nope|not that) (,|.|!|) (i meant|i mean|i said|its|it is|it should be|make it|make that|change it|i want|the|not that|rather)",
            "(i meant|what i mean is|what i meant|thats not what i meant|i was asking about|i was talking about|i mistyped|i typed|my mistake|let me correct|correction)",
            "(not that|wrong) (one|date|amount|card|loan|number|day|option|sum)",
            "^actually",
            "^(change that to|change it to|make that|make it)",
            "(should be|instead of|and not) .. (not|rather)",
        ],
        not: &["(how|can i|where|want to) .. (change it|correct|wrong)", "(wrong) (amount|card|number|date|sum) (was|is|deducted|charged|taken|on|in|debited)", "(charged|deducted|took|sent|paid|debited|entered|chose|uploaded|selected|used) .. wrong (amount|card|number|date|sum|one)"],
    },
    Row {
        signal: Signal::NotSolved,
        shows: &[
            "(not|isnt|hasnt been|wasnt|still not|never|nothing) (solved|resolved|fixed|sorted|been solved|been resolved|been fixed|helped|helping|helpful|working)",
            "(does not|doesnt|did not|didnt|that didnt|it didnt|wont|dont) (help|work|solve|answer|fix|understand me|make sense|solve my)",
            "(still) .. (not working|doesnt work|does not work|the same|not fixed|failing|fails|cant|cannot|not possible|no luck|broken|happening|not solved|nothing)",
            "(you|bot) (did not|didnt|dont|do not|havent|have not|are not|arent|not) (answer|answered|understand|understood|listening|get it|get my|answering|helping)",
            "(not what i|thats not what i|wasnt what i|isnt what i) (asked|ask|want|wanted|need|was asking)",
            "(no help|no use|unhelpful|useless answer|irrelevant|makes no sense|already tried that|tried that|tried all that|same answer|repeating yourself|i dont understand|not my question|off topic)",
            "(answer my question|read my question|wrong answer)",
        ],
        not: &["(face|upload|card|code|app|password|login) (does not|doesnt|did not|didnt|not) work"],
    },
    Row {
        signal: Signal::Thanks,
        shows: &["(thanks|thank you|thank u|thankyou|thx|ty|cheers|much appreciated|appreciate it|appreciate your|many thanks|grateful|thnx|tysm)"],
        not: &["(no|not) thanks to"],
    },
    Row {
        signal: Signal::Greeting,
        shows: &["^(hi|hello|hey|good morning|good afternoon|good evening|hiya|howdy|greetings|hello there|hi there|morning|yo|helo|hallo)"],
        not: &[],
    },
    Row {
        signal: Signal::Goodbye,
        shows: &["(bye|goodbye|bye bye|see you later|see ya|talk to you later|have a nice day|have a good day|good night|that is all|thats all|nothing else|cya|take care|no more questions)"],
        not: &["see you in court", "thats all (you|i)"],
    },
];

pub(super) const WHOLES: &[WholeRow] = &[
    WholeRow {
        signal: Signal::Affirm,
        words: &[
            "yes", "yeah", "yep", "yup", "y", "ok", "okay", "k", "sure", "correct", "right", "thats right", "that is right", "exactly", "confirm", "confirmed", "i confirm", "go ahead", "fine", "agreed", "i agree", "sounds good", "of course", "alright",
            "definitely", "absolutely", "please do", "do it", "yes please", "that works", "great", "perfect", "good", "indeed", "submit", "that one", "it is", "i do", "true", "proceed", "works for me", "got it", "ya", "aye", "all right", "thats correct",
        ],
    },
    WholeRow {
        signal: Signal::Deny,
        words: &[
            "no", "nope", "nah", "n", "not really", "no thanks", "no thank you", "incorrect", "wrong", "thats wrong", "that is wrong", "not right", "never", "i dont", "i do not", "none of these", "none of them", "neither", "not that", "dont", "not at all",
            "i disagree", "negative", "no way", "not now", "none", "not correct", "not me", "dont want it", "i dont want it", "i dont think so",
        ],
    },
    WholeRow {
        signal: Signal::Cancel,
        words: &[
            "cancel", "never mind", "nevermind", "nvm", "forget it", "forget about it", "stop", "abort", "quit", "exit", "cancel it", "cancel that", "cancel this", "stop it", "stop this", "drop it", "leave it", "dont bother", "i changed my mind", "changed my mind",
            "not any more", "not anymore", "i give up", "give up", "i dont want to do this", "dont want to do this anymore", "i dont want to continue", "maybe later", "another time", "some other time", "later", "skip it", "go back", "end this", "dont do it",
        ],
    },
    WholeRow {
        signal: Signal::Resume,
        words: &[
            "continue", "carry on", "resume", "go on", "keep going", "lets continue", "let us continue", "continue please", "carry on please", "back to it", "back to that", "pick up where we left off", "where were we", "next", "next step", "lets go on", "lets carry on",
            "proceed with it", "continue with that", "continue where we left off", "go on with it", "back to the previous one", "lets resume", "continue the application",
        ],
    },
];

pub(super) const PADDING: &[&str] = &[
    "please", "pls", "thanks", "thank you", "just", "then", "oh", "well", "um", "uh", "hmm", "it", "that", "i", "so", "the", "hi", "hello", "sorry", "lets", "all", "now", "with", "want to", "i want to", "id like to", "can you", "for now", "actually", "a", "to", "this", "is", "thats",
];
