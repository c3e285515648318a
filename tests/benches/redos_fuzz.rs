//! Analyses patterns made at random, and prints how long the slowest took. A panic ends it and
//! names the pattern.
//!
//! `cargo run --release --example redos-fuzz -- COUNT [FIRST]`: patterns number FIRST (0 unless
//! given) to FIRST + COUNT, each made from its number alone, so that one can be made again.

#![expect(clippy::print_stdout, reason = "a program for developers")]

mod cpu;

use agent_spm::ecma::Pattern;
use agent_spm::redos::{Verdict, ambiguity, analyse};
use cpu::Start;
use std::panic::catch_unwind;
use std::process::ExitCode;
use std::time::Duration;

/// What patterns are put together of.
const PIECES: [&str; 78] = [
    "a", "b", "A", "0", "9", "_", " ", "-", "é", "ſ", "K", "😀", "\n", "/", "\"", "'", ":", "=",
    ",", "<", ">", "&", ".", "^", "$", "|", "|", "|", "(", "(", "(?:", "(?:", "(?=", "(?!", "(?<=",
    "(?<!", "(?<n>", "(?", ")", ")", ")", ")", ")*", ")+", ")?", "[", "[^", "]", "]", "]+", "]*",
    "[a-z]", "[^a]", "[\\w-]", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,40}", "{3,}",
    "{1,100}", "{", "}", "\\d", "\\w", "\\s", "\\W", "\\b", "\\B", "\\1", "\\k<n>", "\\u{1}",
    "\\uD800", "\\x41", "\\",
];

/// Splitmix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn piece(&mut self) -> &'static str {
        let index = self.below(PIECES.len() as u64) as usize;
        PIECES.get(index).copied().unwrap_or_default()
    }
}

/// The pattern of a number: most are short and valid, some are long, some are garbage.
fn pattern(number: u64) -> String {
    let mut random = Random(number.wrapping_mul(0xA076_1D64_78BD_642F));
    let pieces = match random.below(1000) {
        0 => 200,
        1..=20 => 60,
        21..=200 => 20,
        _ => 8,
    };
    let pieces = 1 + random.below(pieces);
    let mut text = String::new();
    if random.below(10) == 0 {
        // Garbage.
        for _ in 0..pieces {
            text.push_str(random.piece());
        }
        return text;
    }
    let mut open: usize = 0;
    for _ in 0..pieces {
        // As nearly all else is refused: no piece that makes the text so far invalid.
        let piece = random.piece();
        let length = text.len();
        text.push_str(piece);
        let after = if piece.starts_with('(') {
            Some(open + 1)
        } else if piece.starts_with(')') {
            open.checked_sub(1)
        } else {
            Some(open)
        };
        match after {
            Some(after) if Pattern::parse(&closed(&text, after)).is_ok() => open = after,
            _ => text.truncate(length),
        }
    }
    closed(&text, open)
}

fn closed(text: &str, open: usize) -> String {
    format!("{text}{}", ")".repeat(open))
}

fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse().unwrap_or(0));
    let count: u64 = arguments.next().unwrap_or(10_000);
    let first: u64 = arguments.next().unwrap_or(0);
    let (mut valid, mut found, mut unknown) = (0_u64, 0_u64, 0_u64);
    let mut longest = (Duration::ZERO, String::new());
    for number in first..first + count {
        let text = pattern(number);
        let started = Start::now();
        let verdict = catch_unwind(|| {
            let pattern = Pattern::parse(&text).ok()?;
            ambiguity(&pattern);
            Some(analyse(&pattern).verdict)
        });
        let took = started.elapsed();
        match verdict {
            Ok(Some(verdict)) => {
                valid += 1;
                found += u64::from(matches!(
                    verdict,
                    Verdict::Polynomial(_) | Verdict::Exponential
                ));
                unknown += u64::from(matches!(verdict, Verdict::Unknown(_)));
            }
            Ok(None) => {}
            Err(_) => {
                println!("panic on pattern {number}: {text:?}");
                return ExitCode::FAILURE;
            }
        }
        if took > longest.0 {
            longest = (took, text);
        }
    }
    let (took, text) = longest;
    println!(
        "{count} patterns from {first}: {valid} valid, {found} slow, {unknown} unknown, longest {:.1} ms: {text:?}",
        took.as_secs_f64() * 1e3
    );
    ExitCode::SUCCESS
}
