//! Chance and words: what texts are made of. Knows nothing of calls and rules.

/// Pseudo-random numbers, PCG-XSH-RR 64/32 (Melissa O'Neill, "PCG: A Family of Simple Fast
/// Space-Efficient Statistically Good Algorithms for Random Number Generation", 2014).
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = Self(seed);
        random.next();
        random
    }

    fn next(&mut self) -> u32 {
        let state = self.0;
        self.0 = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mixed = (((state >> 18) ^ state) >> 27) as u32;
        mixed.rotate_right((state >> 59) as u32)
    }

    /// From 0 up to `n`, `n` excluded.
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.next()) * n as u64) >> 32) as usize
    }

    /// From `low` up to `high`, both included.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        f64::from(self.next()) < probability * f64::from(u32::MAX)
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        *choices.get(self.below(choices.len())).expect("a choice")
    }

    /// One of a list of words separated by spaces.
    pub(super) fn one_of(&mut self, words: &'static str) -> &'static str {
        let number = self.below(words.split(' ').count());
        words.split(' ').nth(number).expect("a word")
    }

    fn characters(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .map(|_| char::from(self.pick(alphabet)))
            .collect()
    }

    pub(super) fn hexadecimal(&mut self, length: usize) -> String {
        self.characters(b"0123456789abcdef", length)
    }

    pub(super) fn digits(&mut self, length: usize) -> String {
        self.characters(b"0123456789", length)
    }

    pub(super) fn base64(&mut self, length: usize) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        self.characters(alphabet, length)
    }
}

pub(super) const DEPARTMENTS: &str = "billing support platform research sales people";
pub(super) const DOMAINS: &str = "acme.example api.acme.example partner.example mail.example";
pub(super) const FILE_ENDINGS: &str = "rs md json csv py";
pub(super) const COMMANDS: &[&str] = &[
    "npm test",
    "cargo build",
    "ls -la",
    "grep -rn",
    "git status",
    "curl -s",
    "kubectl get pods",
    "rm -rf",
    "cat",
    "docker build",
];

/// Texts and the keywords of policies are made of the same words, which is hard on a matcher:
/// parts of keywords are everywhere.
const WORDS: &str = "\
    the of and to in is that for it with as on be at by this from or an we can all will not please \
    account agenda agent alert amount analysis approval archive asset attachment audit backlog \
    backup balance batch branch budget build cache campaign cancel capacity certificate change \
    channel charge claim client cluster column comment commit component compliance config connection \
    consumer contact container contract conversion copy cost coverage credit customer dashboard data \
    database deadline decision default delivery deploy design detail device discount dispute document \
    domain draft employee endpoint engineering error estimate event example expense export failure \
    feature feedback field finance folder forecast form function gateway goal group growth guide \
    handler header health history host image import incident index information input install \
    insurance integration interface inventory invoice issue journal key label latency launch layout \
    lead ledger legal letter library license limit link list loan location lock machine manager \
    margin market measure meeting member memory merge message method metric migration milestone \
    minute model module monitor month network node note notification number object offer office \
    operation option order outage output owner package page parameter partner password patch payment \
    payroll peer pending permission phone pipeline plan platform policy portal position price process \
    product production profile project promotion prompt proposal provider purchase quality quarter \
    query question queue quota rate reason receipt record recovery refund region register release \
    reminder report repository request research resource response result retry return revenue review \
    risk role rollout route rule salary sample schedule schema scope script search section security \
    segment server service session setting shipment signature snapshot source sprint staff stage \
    statement status storage strategy stream subject subscription summary supplier support survey \
    system table target task team template tenant test thread threshold ticket timeline token tool \
    topic total trace tracker traffic training transaction transfer trial trigger update upgrade \
    upload usage user value vendor version video view visit volume warehouse warning webhook weekly \
    window worker workflow workspace zone";

const FOREIGN_WORDS: &str = "\
    客户 订单 数据库 請確認 注文 サービス エラー 고객 주문 клиент Отчёт ПЛАТЁЖ данные Straße Größe ÜBERPRÜFEN \
    résumé façade ÉTÉ mañana informação σύστημα ΟΔΥΣΣΕΥΣ İstanbul ığdır € № — “so-called” 🚀 \
    📊";

pub(super) fn word(random: &mut Random) -> &'static str {
    use std::sync::LazyLock;
    static LIST: LazyLock<Vec<&str>> = LazyLock::new(|| WORDS.split(' ').collect());
    random.pick(&LIST)
}

/// A text of at least `length` bytes.
pub(super) fn prose(random: &mut Random, length: usize, foreign: bool) -> String {
    let mut text = String::new();
    while text.len() < length {
        if !text.is_empty() {
            text.push_str(match random.below(40) {
                0 => "\n",
                1 => ", ",
                _ => " ",
            });
        }
        if foreign && random.chance(0.2) {
            text.push_str(random.one_of(FOREIGN_WORDS));
            continue;
        }
        let word = word(random);
        match random.below(60) {
            0 => text.push_str(&random.below(100_000).to_string()),
            1 => text.push_str(&word.to_uppercase()),
            2 => text.push_str(&format!(
                "2026-0{}-{}",
                random.between(1, 9),
                random.between(10, 28)
            )),
            3 => text.push_str(&format!("\"{word}\"")),
            4 => text.push_str(&format!("{word}.{}", random.one_of(FILE_ENDINGS))),
            _ => text.push_str(word),
        }
    }
    text
}

/// A program of at least `length` bytes.
pub(super) fn code(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let (a, b, c) = (word(random), word(random), word(random));
        text.push_str(&match random.below(4) {
            0 => format!("def {a}_{b}({c}, limit={}):\n", random.below(500)),
            1 => format!(
                "    if {a}.{b} >= {}:\n        return {c}[\"{b}\"]\n",
                random.below(500)
            ),
            2 => format!("\t# the {a} of {b} by {c}\n"),
            _ => format!("    {a} = {b}({{\"{c}\": {}}})\n", random.below(500)),
        });
    }
    text
}

/// A log of at least `length` bytes.
pub(super) fn log(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        let (a, b, c) = (word(random), word(random), word(random));
        let level = random.pick(&["DEBUG", "INFO", "WARN", "ERROR"]);
        let (time, took, id) = (random.digits(3), random.below(4000), random.hexadecimal(8));
        text.push_str(&format!(
            "2026-03-02T08:00:00.{time}Z {level} {a}.{b}: {c} took {took} ms id={id}\n"
        ));
    }
    text
}

/// Something personal or secret.
pub(super) fn secret(random: &mut Random) -> String {
    let (a, b) = (word(random), word(random));
    match random.below(6) {
        0 => format!(
            "SSN 219-{}-{}",
            random.between(10, 99),
            random.between(1000, 9999)
        ),
        1 => format!("write to {a}.{b}{}@mail.example", random.below(100)),
        2 => format!("call +1 (415) 555-{}", random.between(1000, 9999)),
        3 => format!("card 4111 1111 1111 {}", random.between(1000, 9999)),
        4 => format!("api_{}", random.hexadecimal(32)),
        _ => format!("password={}", random.base64(16)),
    }
}
