//! What people type that has nothing to do with a lender: the model's examples of "none of them". Owns the lists; the
//! tests hold others out.

/// One line each.
pub const ZH: &str = "明天会下雨吗\n给我讲个笑话\n附近有什么好吃的\n你叫什么名字\n你是机器人吗\n你多大了\n你会唱歌吗\n\
我失恋了\n中午吃什么\n世界杯谁赢了\n昨天的球赛比分\n北京到上海的火车票\n怎么去机场\n手机屏幕碎了哪里修\n红烧肉怎么做\n怎么减肥最快\n感冒了吃什么药\n\
孩子不爱学习怎么办\n英语怎么学\n一加一等于几\n地球离月亮多远\n谁是美国总统\n帮我翻译一下这句话\n今天星期几\n现在几点了\n讲个故事\n放首歌听听\n\
王者荣耀怎么上分\n原神抽卡\n微博热搜有什么\n最近有什么新闻\n股票今天涨了吗\n比特币多少钱\n黄金价格走势\n房价会跌吗\n油价多少\n快递到哪了\n\
我的外卖还没到\n淘宝退货怎么退\n京东客服电话\n怎么开淘宝店\n高铁能带宠物吗\n护照怎么办理\n驾照扣分怎么查\n社保怎么交\n公积金怎么提取\n医保卡丢了\n\
结婚证怎么领\n小狗吃什么\n猫为什么掉毛\n养花要注意什么\n星座运势\n我梦见蛇了\n帮我算个命\n写一篇作文\n帮我写个请假条\n论文怎么写\n\
编程怎么入门\n电脑蓝屏了\n打印机连不上\n网速很慢\n路由器怎么设置\n微信怎么加好友\n抖音怎么涨粉\n视频怎么剪辑\n拍照技巧\n手机哪个牌子好\n\
买什么车好\n轮胎多久换一次\n酒店怎么订\n旅游去哪里好\n云南好玩吗\n签证需要多久\n机票改签\n火锅底料怎么做\n减脂餐食谱\n健身怎么练腹肌\n\
头疼怎么办\n失眠怎么治\n牙疼看什么科\n怀孕初期症状\n宝宝发烧了\n幼儿园报名\n高考分数线\n考研难不难\n公务员考试时间\n教师资格证怎么考\n\
怎么追女生\n情人节送什么礼物\n生日祝福语\n过年去哪玩\n春节放假安排\n圣诞节是哪天\n诗词接龙\n猜个谜语\n脑筋急转弯\n你喜欢我吗\n\
你吃饭了吗\n哈哈哈哈\n嘿嘿\n无聊啊\n陪我聊聊天\n我好累\n随便说说\n测试测试\n一二三四五\n啊啊啊\n\
唐朝有多少个皇帝\n长城有多长\n水的沸点\n勾股定理是什么\n光速是多少\n恐龙怎么灭绝的\n电影院今天放什么\n这首歌叫什么\n谁演的这部剧\n小说推荐\n\
租房子要注意什么\n装修找哪家公司\n招聘信息\n怎么写简历\n面试技巧\n跳槽好吗\n辞职报告怎么写\n个税怎么算\n发票抬头怎么写\n物业费太贵\n\
电动车上牌\n垃圾怎么分类\n停电了找谁\n水管漏水\n空调不制冷\n洗衣机坏了\n冰箱什么牌子好\n衣服怎么搭配\n口红推荐\n面膜多久敷一次\n\
会员怎么开通看视频\n游戏账号被封\n充话费没到账\n流量套餐怎么改\n宽带怎么报修\n手机卡怎么注销流量\n公交卡怎么充值\n地铁几点停运\n打车软件哪个好\n加油站在哪里\n\
嗯嗯哦哦\n呵呵\n额\n？？？\n不知道说什么\n你真聪明\n你好笨\n你爸爸是谁\n人生的意义是什么\n我是谁\n中国有多少人口\n首都是哪里\n法国在哪\n日语你好怎么说\n韩剧推荐\n\
继续\n好\n好的\n对\n对对\n是\n是的\n不\n不是\n不要\n不用\n没有\n有\n行\n可以\n嗯\n哦\n啊\n噢噢\n知道了\n明白\n收到\n谢谢\n没事\n算了\n等一下\n稍等\n然后\n接着\n下一步\n就这样\n这个\n那个\n第一个\n为什么\n什么\n怎么\n怎么办\n哪个\n哪里\n多少\n几个\n现在\n今天\n明天\n你\n我\n他\n在吗\n在\n喂\n一二三\n一百\n真的\n假的\n确定\n取消\n再说\n懂了\n快点\n";

/// One line each.
pub const EN: &str = "will it rain tomorrow\ntell me a joke\nwhat is good to eat nearby\nwhat is your name\nare you a robot\nhow old are you\ncan you sing\n\
i broke up with my girlfriend\nwhat should i have for lunch\nwho won the world cup\nwhat was the score last night\ntrain tickets to shanghai\nhow do i get to the airport\nwhere can i repair my screen\nhow to cook pasta\nhow to lose weight fast\nwhat to take for a cold\n\
my kid does not like school\nhow can i learn french\nwhat is one plus one\nhow far is the moon\nwho is the president of the united states\ntranslate this sentence\nwhat day is it\nwhat time is it now\nplay some music\n\
how to win at chess\nbest video game this year\nwhat is trending\nany news today\nis the stock market up\nhow much is bitcoin\ngold price forecast\nwill house prices fall\nhow much is petrol\nwhere is my parcel\n\
my food delivery is late\nhow do i return shoes\namazon phone number\nhow to open an online shop\ncan i take my dog on the train\nhow to get a passport\nspeeding ticket lookup\nhow do i pay social security\nhow to use the library\nlost my health insurance card\n\
how do i get married\nwhat do puppies eat\nwhy do cats shed\nhow to grow roses\nhoroscope for today\ni dreamt of a snake\ntell my fortune\nwrite an essay\nwrite a leave request for my boss\nhow to write a thesis\n\
learn programming\nmy computer has a blue screen\nthe printer is offline\nmy internet is slow\nset up a router\nadd friends on facebook\nhow to get followers\nedit a video\nphotography tips\nwhich phone brand is best\n\
which car should i buy\nhow often to change tyres\nbook a hotel\nwhere to travel in summer\nis paris nice\nhow long is a tourist visa\nchange my flight\nsoup recipe\nhealthy meal ideas\nhow to get abs\n\
i have a headache\ni cannot sleep at night\nwhich doctor for toothache\nsigns of pregnancy\nmy baby has a fever\nkindergarten enrolment\nexam results\nis medical school hard\ncivil service exam date\nhow to become a teacher\n\
how to ask a girl out\nvalentine gift ideas\nbirthday wishes\nwhere to go for new year\nholiday calendar\nwhen is christmas\nlet us play a word game\ngive me a riddle\nfun facts\ndo you love me\n\
did you eat\nhahaha\nlol\ni am bored\nchat with me\ni am tired\njust saying\ntest test\none two three four\naaaa\n\
how many emperors were there\nhow long is the great wall\nboiling point of water\npythagorean theorem\nspeed of light\nhow did dinosaurs die\nwhat is on at the cinema\nname of this song\nwho is in that show\nbook recommendation\n\
tips for renting a flat\nfind a decorator\njobs near me\nhow to write a resume\ninterview tips\nshould i change jobs\nresignation letter\nincome tax calculator\nmy landlord is rude\nplumber phone number\n\
register a bike\nhow to sort rubbish\nthe power is out\nwater pipe is leaking\nair conditioner not cooling\nwashing machine broken\nbest fridge brand\nwhat to wear\nlipstick colours\nskin care routine\n\
watch series online\nmy game account was banned\ntop up my phone credit\nchange my data plan\nbroadband repair\nbus pass top up\nlast metro tonight\nbest taxi app\nnearest gas station\nyou are clever\n\
you are stupid\nwho is your father\nmeaning of life\nwho am i\npopulation of china\ncapital of france\nwhere is brazil\nsay hello in japanese\nbest korean drama\nasdf qwer\nxyz abc\nblah blah blah\nfoo bar baz\nlorem ipsum dolor\ncolour of the sky\n\
continue\nyes\nno\nok\nokay\nsure\nright\nmaybe\nthe\na\nthis\nthat\nthis one\nthe first one\nhello\nhi\nbye\nthanks\nthank you\nplease\nnever mind\nwait\none moment\ngo ahead\nnext step\ngot it\ni see\ngreat\nfine\nwhat\nwhy\nhow\nwhen\nwhere\nwhich one\nhow much\nhow many\nnow\ntoday\ntomorrow\nme\nyou\nhim\nreally\ntrue\nfalse\ncancel\nagain\none hundred\nanything else\n";

/// The lines of one language.
pub fn lines(lang: jieti_domain::understanding::Lang) -> impl Iterator<Item = &'static str> {
    match lang {
        jieti_domain::understanding::Lang::ZhCn => ZH.lines(),
        jieti_domain::understanding::Lang::En => EN.lines(),
    }
}
