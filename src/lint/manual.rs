//! The manual of a lint. Owns how its one text is read; everything that shows a manual, and the
//! tests that run its examples, read this.

use crate::document::Format;

/// A manual, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manual {
    /// What is found: one sentence, without its period.
    pub title: String,
    /// More about what is found, in Markdown; may be empty.
    pub what: String,
    /// Why it matters, in Markdown.
    pub why: String,
    /// Documents with this fault; several are linted together.
    pub bad: Vec<Example>,
    /// The same documents without it.
    pub good: Vec<Example>,
    /// All of it, in Markdown.
    pub markdown: String,
}

/// A document of a manual. What does not matter to it may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// How it is written.
    pub format: Format,
    /// Its text.
    pub text: String,
    /// Whether it leaves nothing out.
    pub is_whole: bool,
    /// Other lints that find something in it, where one fault is two findings.
    pub also: Vec<String>,
}

/// The members that every bundle has, in case an example leaves them out.
const HEAD: [(&str, &str); 5] = [
    ("version", "\"1\""),
    ("generated_at", "\"2026-05-01T00:00:00Z\""),
    ("expires_at", "\"2026-07-01T00:00:00Z\""),
    ("defaults", "{\"outcome\": \"DENY\"}"),
    (
        "signature",
        "[{\"keyid\": \"reviewer\", \"sig\": \"AAAA\"}]",
    ),
];

impl Manual {
    /// Reads a doc comment, line by line as the compiler hands it over, each with its first space.
    pub fn parse(text: &str) -> Self {
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        let markdown = lines.join("\n").trim().to_owned();
        let (intro, sections) = sections(&lines);
        let (title, what) = intro.split_once("\n\n").unwrap_or((&intro, ""));
        let section = |name: &str| {
            let found = sections.iter().find(|(heading, _)| *heading == name);
            found.map(|(_, text)| text.as_str()).unwrap_or_default()
        };
        Self {
            title: title.replace('\n', " ").trim_end_matches('.').to_owned(),
            what: what.trim().to_owned(),
            why: section("Why").to_owned(),
            bad: examples(section("Bad")),
            good: examples(section("Good")),
            markdown,
        }
    }
}

impl Example {
    /// The whole document: with the members of a bundle that the example leaves out.
    pub fn complete(&self) -> String {
        // In YAML, what is indented is a member of something else.
        let before_key: &[char] = match self.format {
            Format::Json => &['"', ' ', '{', '\u{FEFF}'],
            _ => &['"', '\u{FEFF}'],
        };
        let has = |key: &str| {
            let mut lines = self.text.lines();
            lines.any(|line| line.trim_start_matches(before_key).starts_with(key))
        };
        if !has("rules") || self.is_whole {
            return self.text.clone();
        }
        let missing = HEAD.iter().filter(|(key, _)| !has(key));
        match self.format {
            Format::Yaml | Format::Lines | Format::Text => {
                let head: String = missing
                    .map(|(key, value)| format!("{key}: {value}\n"))
                    .collect();
                format!("{head}{}", self.text)
            }
            Format::Json => {
                let head: String = missing
                    .map(|(key, value)| format!("\"{key}\": {value},\n"))
                    .collect();
                self.text.replacen('{', &format!("{{\n{head}"), 1)
            }
        }
    }
}

/// The text before the first heading, and each heading with its text.
fn sections<'t>(lines: &[&'t str]) -> (String, Vec<(&'t str, String)>) {
    let mut intro = String::new();
    let mut sections: Vec<(&str, String)> = Vec::new();
    let mut in_example = false;
    for line in lines {
        in_example ^= line.starts_with("```");
        if let (Some(heading), false) = (line.strip_prefix("# "), in_example) {
            sections.push((heading, String::new()));
            continue;
        }
        let text = sections.last_mut().map_or(&mut intro, |(_, text)| text);
        text.push_str(line);
        text.push('\n');
    }
    for (_, text) in &mut sections {
        *text = text.trim().to_owned();
    }
    (intro.trim().to_owned(), sections)
}

/// The fenced blocks of a section.
fn examples(section: &str) -> Vec<Example> {
    let fences = section.split("```");
    let blocks = fences.skip(1).step_by(2);
    blocks
        .filter_map(|block| {
            let (words, text) = block.split_once('\n')?;
            let mut words = words.split(' ');
            let format = match words.next() {
                Some("json") => Format::Json,
                _ => Format::Yaml,
            };
            let also = words.clone().filter_map(|word| word.strip_prefix("also:"));
            let text = match words.clone().any(|word| word == "escapes") {
                true => unescaped(text),
                false => text.to_owned(),
            };
            Some(Example {
                format,
                text,
                also: also.map(str::to_owned).collect(),
                is_whole: words.any(|word| word == "whole"),
            })
        })
        .collect()
}

/// The text with `\u{2028}` and its like as the characters that they stand for.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_once('}').unwrap_or_default();
        let point = u32::from_str_radix(digits, 16).ok();
        out.extend(point.and_then(char::from_u32));
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_is_read_from_its_doc_comment() {
        let manual = Manual::parse(
            " Two lines\n of title.\n\n More.\n\n # Why\n\n Because.\n\n # Bad\n\n ```yaml\n # no heading\n rules: []\n ```\n\n # Good\n\n ```json\n {}\n ```\n",
        );
        assert_eq!(manual.title, "Two lines of title");
        assert_eq!(manual.what, "More.");
        assert_eq!(manual.why, "Because.");
        assert_eq!(manual.bad[0].text, "# no heading\nrules: []\n");
        assert_eq!(manual.good[0].format, Format::Json);
        assert!(
            manual.bad[0]
                .complete()
                .starts_with("version: \"1\"\ngenerated_at: ")
        );
    }
}
