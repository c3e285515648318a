use super::super::alphabet::Alphabet;
use super::*;
use crate::ecma::{Node as Tree, Pattern, Program, Search, Subject};
use proptest::prelude::*;

/// The price and the backtracker's own answer must agree, to the step.
fn agree(pattern: &str, text: &str) -> Result<(), TestCaseError> {
    let Ok(parsed) = Pattern::parse(pattern) else {
        return Ok(());
    };
    let executed = [Subject::OneByte, Subject::TwoByte].map(|subject| parsed.executed(subject));
    let roots: Vec<&Tree> = executed.iter().flatten().chain([&parsed.root]).collect();
    let alphabet = Alphabet::of(&roots);
    let classes: Vec<Class> = text
        .encode_utf16()
        .map(|unit| alphabet.class(unit))
        .collect();
    // Back-references tell code units of one class apart.
    let units = classes.iter().map(|&class| alphabet.representative(class));
    let units: Vec<u16> = units.collect();
    let subject = if units.iter().all(|&unit| unit < 256) {
        Subject::OneByte
    } else {
        Subject::TwoByte
    };
    let price = match Pricer::new(&parsed, subject, &alphabet, 10_000) {
        Ok(mut pricer) => match pricer.search(&classes, &mut Budget::new(u64::MAX)).unwrap() {
            Some(price) => price,
            None => return Ok(()),
        },
        Err(Failure::Nothing) => return Ok(()),
        Err(_) => return Ok(()),
    };
    let program = Program::compile_for(&parsed, subject).unwrap();
    let (search, steps) = program.search(&units, 200_000);
    if search == Search::OutOfSteps {
        prop_assert!(price.steps > 200_000.0, "{} on {:?}", pattern, text);
        return Ok(());
    }
    let matches = matches!(search, Search::Found { .. });
    prop_assert_eq!(
        (price.matches, price.steps),
        (matches, steps as f64),
        "{} on {:?}",
        pattern,
        text
    );
    Ok(())
}

#[test]
fn prices_are_the_backtrackers_steps() {
    for (pattern, text) in [
        ("(?:a+)+b", "aaaaaaaaa"),
        ("(?:a*)*b", "aaaaaaa"),
        ("(?:a?){4}a{4}", "aaa"),
        ("(?:a?){2,}$", "aab"),
        ("^a", "ba"),
        ("\\s+$", "  a  b"),
        ("(?=a+b)a", "aaac"),
        ("(?!a+b)a*c", "aaabaac"),
        ("(?<=(?:ba*)+)c", "baabac"),
        ("(?<!a+(?=b+)b)c", "aabbc"),
        ("(?!a*c)(?:b|c)+c", "aabbc"),
        ("(?:(?!a*b)a|b)*?(?<!ab*)\\w", "aaba"),
        ("\\b\\w+\\B.", "ab cd"),
        ("(?:a|b|ab)*c", "ababab"),
        ("a*?b{2,3}?$", "aabbb"),
        ("Ā|a", "bba"),
        ("x$", "aaaaax"),
        ("(a*)\\1b", "aaaaaaaa"),
        ("(?:(a|b)\\1)+c", "aabbaab"),
        ("(?:(a)|b\\1)+c", "abababb"),
        ("(?=(a+))\\1b", "aaaac"),
        ("(?!(a+)\\1b)\\1a*c", "aaab"),
        ("(?<=\\1(a|b))c", "aacbc"),
        ("([ab])(?:(?!\\1).)*\\1$", "aAbBBa"),
        ("(?:(a?)\\1)*b", "aaaa"),
        ("(.*)(.*)\\2\\1$", "abbab"),
        ("(?<=\\1(ab))c", "ababcbaabc"),
        ("(?<=\\1(a*b))c", "aabaabc"),
        ("(?<=(a)(b*)\\1\\2)c", "abbabbc"),
        ("(?:(a)|(b)|(c))+\\1\\2\\3d", "abcabcd"),
        ("(?:(a)|(b))*?(?:\\1|\\2)+c", "abbabac"),
        ("(a)?(b)?(?:\\2\\1|\\1)+c", "abbaac"),
        ("(a*)(?:(b*)\\1)*\\2c", "aabaabaab"),
        ("(?=(a*)(b*))(?:\\1|\\2)*c", "aabbaac"),
        ("(?!(a*)b\\1c)(a*)\\2b", "aabaac"),
        ("(a*)(?=(b*)\\1)(?<=\\1(a*))\\2c", "aabaac"),
        ("(?:(a+)(?:(b+)|\\1)*\\2)*c", "aabbaabb"),
        ("((a)|b)*\\1\\2c", "abaabbaa"),
        ("(?<n>a|ab)\\k<n>*(b)\\2c", "aababbb"),
    ] {
        agree(pattern, text).unwrap();
    }
}

#[test]
fn prices_are_right_for_many_kinds_of_code_units() {
    // More than fit one word of bits.
    let marks: Vec<char> = ('\u{A1}'..='\u{BF}')
        .filter(|&mark| mark != '\u{B5}')
        .collect();
    let units: String = ('0'..='9').chain('a'..='z').chain(marks).collect();
    let ways: Vec<String> = units.chars().map(String::from).collect();
    assert!(ways.len() > 64);
    let pattern = format!("(?:{}|\u{A1}0)+!", ways.join("|"));
    for text in [
        "a9z\u{A1}0\u{BF}",
        "\u{BE}\u{BF}\u{A1}0!",
        "0a\u{A1}00-\u{BB}!",
    ] {
        agree(&pattern, text).unwrap();
    }
}

#[test]
fn exponential_prices_are_found_at_once() {
    let pattern = Pattern::parse("(?:a|a)+b").unwrap();
    let alphabet = Alphabet::of(&[&pattern.root]);
    let mut pricer = Pricer::new(&pattern, Subject::OneByte, &alphabet, 100).unwrap();
    let text = vec![alphabet.class(u16::from(b'a')); 500];
    let price = pricer.search(&text, &mut Budget::new(100_000)).unwrap();
    let price = price.unwrap();
    assert!(price.steps > 1e150 && price.steps.is_finite());
    assert_eq!(pricer.search(&text, &mut Budget::new(100)), Err(Exhausted));
}

fn pattern() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "a", "b", "[ab]", ".", "\\b", "\\B", "^", "$", "\\w", "\\s", "[^a]", "", "é", "Ā", "\\1",
        "\\2",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let quantifier = prop::sample::select(vec![
            "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}",
        ]);
        let opening = prop::sample::select(vec!["(?:", "(?:", "(", "(?=", "(?!", "(?<=", "(?<!"]);
        prop_oneof![
            (opening, inner.clone(), quantifier)
                .prop_map(|(open, body, quantifier)| format!("{open}{body}){quantifier}")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            prop::collection::vec(inner, 2..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_price_is_the_backtrackers_steps(pattern in pattern(), text in "[abA é Ā\n]{0,12}") {
        agree(&pattern, &text)?;
    }
}
