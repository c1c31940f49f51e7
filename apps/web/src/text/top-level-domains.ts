/** Ends of host names that are links without a scheme. The two-letter ones are the countries of ISO 3166; of the others the usual ones. */
const countries =
  'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw'
const others =
  'academy app art asia bio biz blog cafe care center chat city clinic cloud club coffee com community company coop design dev edu email events finance fun games gov group guide health help info institute int jobs kim kiwi life link live love ltd market media mil mobi museum name net network news ninja one online org page photo photos plus press pro pub rest run school seoul services shop site social software solutions space store studio support systems team tech tips today tools top tour town toys travel tv university video vip web website wiki work works world xyz zone'

export const topLevelDomains: ReadonlySet<string> = new Set(`${countries} ${others}`.split(' '))

/** Top-level domains that are also usual ends of file names: `script.sh` is a file, `example.sh/install` and `www.example.sh` are addresses. */
export const fileEndings: ReadonlySet<string> = new Set('cc md ml pl ps py rs sh so'.split(' '))

/** Top-level domains in Hangul. */
export const hangulDomains: ReadonlySet<string> = new Set(['한국', '닷컴', '닷넷', '삼성'])
