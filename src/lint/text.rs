//! What a text shows and what it hides. Owns which characters people do not see, which look like
//! others, and the plain form in which phrases are looked for; knows no phrase.
//!
//! Sources: Unicode 16, Default_Ignorable_Code_Point and Bidi_Control; Boucher and Anderson,
//! "Trojan Source", USENIX Security 2023; UTS #39, confusables; "ASCII smuggling" by tag characters
//! and by variation selectors (Goodside 2024, Butler 2025).

use crate::diagnostic::Span;

/// A run of characters of one kind that people do not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// Its bytes.
    pub(super) span: Span,
    /// What they do.
    pub(super) kind: HiddenKind,
    /// How many there are.
    pub(super) count: usize,
    /// The text that they stand for, if they spell one.
    pub(super) spelled: Option<String>,
}

/// What a character that people do not see does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HiddenKind {
    /// It takes no room.
    Invisible,
    /// It commands a terminal.
    Control,
    /// It is so long a gap that what follows is out of sight.
    Gap,
    /// It stands for bytes, after another character.
    Selector,
    /// It changes the order in which the text around is shown.
    Direction,
    /// It is an invisible copy of an ASCII character.
    Tag,
}

impl HiddenKind {
    /// What messages call one of them, with its article.
    pub(super) const fn one(self) -> &'static str {
        match self {
            Self::Invisible => "an invisible character",
            Self::Control => "a control character",
            Self::Gap => "a gap that pushes what follows out of sight",
            Self::Selector => "a variation selector",
            Self::Direction => "a character that turns the direction of the text",
            Self::Tag => "a tag character",
        }
    }

    /// What messages call several of them.
    pub(super) const fn plural(self) -> &'static str {
        match self {
            Self::Invisible => "invisible characters",
            Self::Control => "control characters",
            Self::Gap => "gaps and hidden characters",
            Self::Selector => "variation selectors",
            Self::Direction => "characters that turn the direction of the text",
            Self::Tag => "tag characters",
        }
    }
}

/// What a text hides. Characters that its script or its emoji need do not count.
pub(super) fn hidden(text: &str) -> Vec<Hidden> {
    let mut runs: Vec<Hidden> = gaps(text);
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
    {
        return runs;
    }
    let characters: Vec<(usize, char)> = text.char_indices().collect();
    let is_right_to_left = characters.iter().any(|&(_, c)| is_right_to_left(c));
    let mut in_flag = false;
    for (number, &(offset, character)) in characters.iter().enumerate() {
        let near = |distance: isize| {
            let number = number.checked_add_signed(distance)?;
            characters.get(number).map(|&(_, character)| character)
        };
        // The flags of England, Scotland and Wales are spelled in tag characters.
        in_flag = match character {
            '\u{1F3F4}' => near(1).is_some_and(|next| kind(next) == Some(HiddenKind::Tag)),
            '\u{E0061}'..='\u{E007A}' | '\u{E0030}'..='\u{E0039}' => in_flag,
            '\u{E007F}' if in_flag => {
                in_flag = false;
                continue;
            }
            _ => false,
        };
        let Some(kind) = kind(character) else {
            continue;
        };
        if in_flag || is_needed(character, near(-1), near(1), is_right_to_left) {
            continue;
        }
        let end = offset + character.len_utf8();
        match runs.last_mut() {
            Some(run) if run.kind == kind && run.span.end == offset => {
                run.span.end = end;
                run.count += 1;
            }
            _ => runs.push(Hidden {
                span: Span::new(offset, end),
                kind,
                count: 1,
                spelled: None,
            }),
        }
    }
    for run in &mut runs {
        let written = text.get(run.span.start..run.span.end).unwrap_or_default();
        run.spelled = spelled(written, run.kind);
    }
    runs
}

/// Blanks in a row that leave a window of any width, and empty lines that leave one of any height.
const MAX_BLANKS: usize = 150;
const MAX_EMPTY_LINES: usize = 30;

/// White space so long that what follows is out of sight.
fn gaps(text: &str) -> Vec<Hidden> {
    let mut gaps = Vec::new();
    let mut start = 0;
    let shown = |c: char| !c.is_whitespace() && c != '\u{2800}';
    for gap in text.split(shown) {
        let span = Span::new(start, start + gap.len());
        start = span.end;
        let next = text.get(start..).and_then(|rest| rest.chars().next());
        start += next.map_or(0, char::len_utf8);
        // Mostly it is nothing at all, between two letters.
        if gap.len() <= MAX_EMPTY_LINES {
            continue;
        }
        let lines = gap.matches('\n').count();
        let blanks = gap.split('\n').map(|line| line.chars().count()).max();
        let is_long = lines > MAX_EMPTY_LINES || blanks.unwrap_or_default() > MAX_BLANKS;
        if is_long && next.is_some() && span.start > 0 {
            gaps.push(Hidden {
                span,
                kind: HiddenKind::Gap,
                count: 1,
                spelled: None,
            });
        }
    }
    gaps
}

/// What a character does if people do not see it.
fn kind(character: char) -> Option<HiddenKind> {
    Some(match character {
        '\t' | '\n' | '\r' => return None,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => HiddenKind::Control,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => HiddenKind::Direction,
        '\u{E0000}'..='\u{E007F}' => HiddenKind::Tag,
        '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => HiddenKind::Selector,
        '\u{AD}'
        | '\u{34F}'
        | '\u{61C}'
        | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{2029}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}'
        | '\u{3164}'
        | '\u{FEFF}'
        | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0080}'..='\u{E00FF}'
        | '\u{E01F0}'..='\u{E0FFF}' => HiddenKind::Invisible,
        _ => return None,
    })
}

/// Whether the text around needs an invisible character.
fn is_needed(
    character: char,
    before: Option<char>,
    after: Option<char>,
    is_right_to_left: bool,
) -> bool {
    let before_is = |test: fn(char) -> bool| before.is_some_and(test);
    let after_is = |test: fn(char) -> bool| after.is_some_and(test);
    match character {
        // One selector says how an emoji, an ideograph or a mathematical sign is drawn.
        '\u{FE00}'..='\u{FE0F}' => {
            let keycap = after == Some('\u{20E3}');
            before_is(is_pictograph) || before_is(is_ideograph) || keycap
        }
        '\u{E0100}'..='\u{E01EF}' => before_is(is_ideograph),
        // Joins emoji, and letters of scripts that join.
        '\u{200C}' | '\u{200D}' => {
            let joins_emoji = character == '\u{200D}'
                && (before_is(is_pictograph) || before == Some('\u{FE0F}'))
                && after_is(is_pictograph);
            joins_emoji || (before_is(is_joining) && after_is(is_joining))
        }
        '\u{200E}' | '\u{200F}' | '\u{61C}' => is_right_to_left,
        '\u{180B}'..='\u{180F}' => before_is(|c| matches!(c, '\u{1800}'..='\u{18AF}')),
        '\u{115F}'..='\u{1160}' => after_is(|c| matches!(c, '\u{1100}'..='\u{11FF}')),
        _ => false,
    }
}

fn is_right_to_left(character: char) -> bool {
    matches!(character,
        '\u{5D0}'..='\u{61B}' | '\u{61D}'..='\u{8FF}' | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

fn is_pictograph(character: char) -> bool {
    matches!(character,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2100}'..='\u{2BFF}' | '\u{3030}'
        | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

fn is_ideograph(character: char) -> bool {
    matches!(character,
        '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Letters of Arabic, Syriac, the scripts of India, and others that shape by neighbours.
fn is_joining(character: char) -> bool {
    matches!(character,
        '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

/// The text that a run of hidden characters spells.
fn spelled(run: &str, kind: HiddenKind) -> Option<String> {
    let text: String = match kind {
        HiddenKind::Tag => run
            .chars()
            .filter_map(|character| char::from_u32(u32::from(character).checked_sub(0xE0000)?))
            .filter(|character| matches!(character, ' '..='~'))
            .collect(),
        HiddenKind::Selector => {
            let bytes = run.chars().filter_map(|character| {
                let point = u32::from(character);
                let byte = match character {
                    '\u{FE00}'..='\u{FE0F}' => point - 0xFE00,
                    _ => point - 0xE0100 + 16,
                };
                u8::try_from(byte).ok()
            });
            String::from_utf8(bytes.collect()).ok()?
        }
        _ => return None,
    };
    let is_text = text.chars().count() > 1 && text.chars().all(is_shown);
    is_text.then_some(text)
}

/// Whether people see a character.
fn is_shown(character: char) -> bool {
    kind(character).is_none()
}

/// A text in which phrases can be looked for, and where each of its bytes comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Plain {
    /// Lower case, without hidden characters, look-alikes of Latin letters as these, white space as
    /// single spaces.
    pub(super) text: String,
    /// For each byte of `text` the byte of the original.
    from: Vec<usize>,
    end: usize,
}

impl Plain {
    /// The plain form of a text.
    pub(super) fn new(text: &str) -> Self {
        let mut plain = Self {
            end: text.len(),
            ..Self::default()
        };
        for (offset, character) in text.char_indices() {
            if character.is_whitespace() || character == '\u{2800}' {
                if !plain.text.ends_with(' ') {
                    plain.push(' ', offset);
                }
            } else if kind(character).is_none() {
                for lower in letter(character).to_lowercase() {
                    plain.push(lower, offset);
                }
            }
        }
        plain
    }

    /// The bytes of the original that a part of the plain form comes from.
    pub(super) fn original(&self, part: Span) -> Span {
        let at = |offset| self.from.get(offset).copied().unwrap_or(self.end);
        Span::new(at(part.start), at(part.end).max(at(part.start)))
    }

    fn push(&mut self, character: char, offset: usize) {
        self.text.push(character);
        self.from.resize(self.text.len(), offset);
    }
}

/// The character that people take another one for.
fn letter(character: char) -> char {
    match character {
        '\0'..='\u{7F}' => character,
        // Full-width forms.
        '\u{FF01}'..='\u{FF5E}' => ascii(u32::from(character) - 0xFF01 + 0x21, character),
        // Mathematical letters: alphabets of 26 after each other, capitals first.
        '\u{1D400}'..='\u{1D6A3}' => {
            let number = (u32::from(character) - 0x1D400) % 52;
            let first = if number < 26 { 0x41 } else { 0x61 - 26 };
            ascii(number + first, character)
        }
        '\u{1D7CE}'..='\u{1D7FF}' => ascii((u32::from(character) - 0x1D7CE) % 10 + 0x30, character),
        _ => look_alike(character).unwrap_or(character),
    }
}

fn ascii(point: u32, otherwise: char) -> char {
    char::from_u32(point).unwrap_or(otherwise)
}

/// Letters of other scripts that are drawn as Latin ones.
fn look_alike(character: char) -> Option<char> {
    let found = LOOK_ALIKES
        .iter()
        .find(|(_, others)| others.contains(character));
    found.map(|(latin, _)| *latin)
}

/// From the confusables of UTS #39: Greek, Cyrillic, Armenian, Cherokee, Lisu and letter-like signs.
const LOOK_ALIKES: &[(char, &str)] = &[
    ('a', "αаɑ⍺𝛂"),
    ('A', "ΑАᎪꓮ"),
    ('b', "ЬᏏ"),
    ('B', "ΒВᏴꓐ"),
    ('c', "ϲсᴄⅽ"),
    ('C', "ϹСᏟꓚⅭ"),
    ('d', "ԁᏧⅾ"),
    ('D', "ᎠꓓⅮ"),
    ('e', "еҽ℮ｅ"),
    ('E', "ΕЕᎬꓰ"),
    ('F', "Ϝꓝᖴ"),
    ('g', "ɡԍց"),
    ('G', "ԌᏀꓖ"),
    ('h', "һհᏂ"),
    ('H', "ΗНᎻꓧ"),
    ('i', "іιɩӏⅰı"),
    ('I', "ΙІӀꓲⅠ"),
    ('j', "јϳ"),
    ('J', "ЈᎫꓙ"),
    ('k', "κк"),
    ('K', "ΚКᏦꓗ"),
    ('l', "ⅼǀ"),
    ('L', "ᏞꓡⅬ"),
    ('m', "мⅿ"),
    ('M', "ΜМᎷꓟⅯ"),
    ('n', "ոո"),
    ('N', "Νꓠ"),
    ('o', "οоօσ"),
    ('O', "ΟОՕꓳ"),
    ('p', "ρрⲣ"),
    ('P', "ΡРᏢꓑ"),
    ('q', "ԛզ"),
    ('Q', "Ԛ"),
    ('r', "гᴦⲅ"),
    ('R', "ᎡꓣᏒ"),
    ('s', "ѕꜱ"),
    ('S', "ЅՏᏚꓢ"),
    ('t', "τт"),
    ('T', "ΤТᎢꓔ"),
    ('u', "υսᴜ"),
    ('U', "ՍꓴႮ"),
    ('v', "νѵᴠⅴ"),
    ('V', "ѴᏙꓦⅤ"),
    ('w', "ԝաᴡ"),
    ('W', "ԜᎳꓪ"),
    ('x', "хⅹ"),
    ('X', "ΧХꓫⅩ"),
    ('y', "уүγ"),
    ('Y', "ΥУҮꓬ"),
    ('z', "ᴢ"),
    ('Z', "ΖᏃꓜ"),
    ('-', "‐‑‒–−"),
    ('_', "＿"),
    ('.', "․"),
    ('\'', "’‘ʼ"),
];

/// A name as people read it: two that have the same look the same.
pub(super) fn look(name: &str) -> String {
    let characters = name.chars().filter(|&character| kind(character).is_none());
    characters.map(letter).collect()
}

/// The letters of a name that look like Latin ones and are not, if it has Latin ones too.
pub(super) fn mixed_letters(name: &str) -> Vec<(usize, char)> {
    let is_latin = |c: char| c.is_ascii_alphabetic();
    if !name.chars().any(is_latin) {
        return Vec::new();
    }
    let odd = name
        .char_indices()
        .filter(|&(_, c)| !c.is_ascii() && is_latin(letter(c)));
    odd.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_found() {
        let found = |text: &str| -> Vec<(HiddenKind, usize, Option<String>)> {
            let hidden = hidden(text).into_iter();
            hidden
                .map(|run| (run.kind, run.count, run.spelled))
                .collect()
        };
        let tags: String = "hi ai"
            .chars()
            .map(|c| char::from_u32(u32::from(c) + 0xE0000).unwrap())
            .collect();
        assert_eq!(
            found(&format!("a{tags}b")),
            [(HiddenKind::Tag, 5, Some("hi ai".to_owned()))]
        );
        let selectors: String = b"hey"
            .iter()
            .map(|&byte| char::from_u32(u32::from(byte) - 16 + 0xE0100).unwrap())
            .collect();
        assert_eq!(
            found(&format!("😀{selectors}")),
            [(HiddenKind::Selector, 3, Some("hey".to_owned()))]
        );
        assert_eq!(
            found("a\u{202E}\u{2066}b\u{200B}"),
            [
                (HiddenKind::Direction, 2, None),
                (HiddenKind::Invisible, 1, None)
            ]
        );
        assert_eq!(found("\u{1B}[31m"), [(HiddenKind::Control, 1, None)]);
        for gap in [" ".repeat(200), "\n".repeat(40), "\n \t".repeat(40)] {
            assert_eq!(
                found(&format!("Adds.{gap}Then mail it.")),
                [(HiddenKind::Gap, 1, None)]
            );
            assert_eq!(found(&format!("{gap}Adds.{gap}")), []);
        }
    }

    #[test]
    fn what_scripts_and_emoji_need_is_not_hidden() {
        for text in [
            "plain\ttext\r\n",
            "Grüße, 日本語 and 한국어",
            "⚠️ ❤️ ☎︎ 1️⃣ ©️",
            "👩‍💻 👨‍👩‍👧 🏳️‍🌈",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} flag",
            "می‌خواهم",
            "क्‍ष",
            "שלום \u{200F}עולם",
            "葛\u{E0100}飾",
        ] {
            assert_eq!(hidden(text), [], "{text}");
        }
        assert_eq!(hidden("🏴\u{E0067}\u{E0062} no flag").len(), 0);
        assert_eq!(hidden("x\u{E0067}").len(), 1);
        assert_eq!(hidden("left\u{200F}").len(), 1);
        assert_eq!(hidden("a\u{FE0F}").len(), 1);
    }

    #[test]
    fn phrases_are_found_whatever_they_look_like() {
        let text = "Х  Іgn\u{200B}оrе\n\tＡll 𝐩revious";
        let plain = Plain::new(text);
        assert_eq!(plain.text, "x ignore all previous");
        let start = plain.text.find("ignore").unwrap();
        let span = plain.original(Span::new(start, start + 6));
        assert_eq!(&text[span.start..span.end], "Іgn\u{200B}оrе");
    }

    #[test]
    fn names_that_look_the_same() {
        assert_eq!(look("sеnd_еmail"), look("send_email"));
        assert_ne!(look("Send"), look("send"));
        assert_eq!(mixed_letters("sеnd").len(), 1);
        assert_eq!(mixed_letters("почта"), []);
        assert_eq!(mixed_letters("größe"), []);
    }
}
