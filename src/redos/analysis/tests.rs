use super::*;

fn of(text: &str) -> Analysis {
    analyse(&Pattern::parse(text).unwrap())
}

#[test]
fn growth_is_told_with_its_attack() {
    for (text, verdict, attack) in [
        ("^(a+)+$", Verdict::Exponential, r#""a" × n + "b""#),
        ("^a*a*$", Verdict::Polynomial(2), r#""a" × n + "b""#),
        ("\\s+$", Verdict::Polynomial(2), r#"" " × n + "a""#),
        ("<a.*b.*c", Verdict::Polynomial(3), r#""<ab" × n"#),
        // The way of the inner loop that ends first ends the search: before, they still part.
        (
            "a(?:\\{(?:\\{[^}]+\\}|[^}])+\\})?",
            Verdict::Polynomial(3),
            r#""a" + "{" × n + "}" + "{" × n"#,
        ),
    ] {
        let analysis = of(text);
        let found = analysis.attack.as_ref().map(ToString::to_string);
        assert_eq!(
            (analysis.verdict, found.as_deref()),
            (verdict, Some(attack)),
            "{text}"
        );
        assert!(analysis.evidence.len() >= 2, "{text}");
    }
}

/// Each was run on V8.
#[test]
fn known_patterns_have_their_growth() {
    let quadratic = [
        r"\b[\w.]+@",
        r".*\b",
        r"(.*)(?=\w{4})",
        r"(?<=a*)b",
        r"(?<=xa*)b",
        r"(?<=key )(.*?)(?= #)",
        r"(?<![a-z0-9])eyj[\w-]*\.",
        r"(\S+)((\s*[<>=\s]+)(\S+))*",
        r"(\w+)=\1;",
        r"(?=.*\d)(?=.*[a-z]).*x",
        r"<[^>]*>.*</",
        r"^\s+|\s+$",
        r"(?:a{2}){2,}b",
        r"[\u0100-\u0200]+x",
    ];
    let exponential = [
        r"^(?:a|aa)+$",
        r"^(?:a|b|ab)*c",
        r"(x+x+)+y|x",
        r"`(?:\\`|\\?[^`])*`",
        r"\/(?![ *])(\\\/|.)*?\/[gim]*(?=\W|$)",
        r"([b/]+[b]+)+c",
        r#"(["'])(?:\\.|(?!\1).)*\1z"#,
        r"^(?:(?:a*)*)*b",
        r"^(Ā+)+$",
        // What fails is longer than any letter or line end.
        r"^(?:a+)+[^]{0,2}$",
        r"^(?:a+)+[^]{0,3}$",
    ];
    let quadratic = quadratic.map(|text| (text, Verdict::Polynomial(2)));
    let exponential = exponential.map(|text| (text, Verdict::Exponential));
    for (text, verdict) in quadratic.into_iter().chain(exponential) {
        assert_eq!(of(text).verdict, verdict, "{text}");
    }
}

#[test]
fn what_cannot_fail_or_has_one_way_is_safe() {
    for text in [
        "",
        "(a+)+",
        "^(ab+c)+$",
        "AKIA[0-9A-Z]{16}",
        "^a*b*$",
        "x{0,40}y",
    ] {
        assert_eq!(of(text).verdict, Verdict::Safe, "{text}");
    }
}

/// No work that doubles with each level.
#[test]
fn deeply_nested_repetitions_end() {
    let text = format!("{}{}y", "(x+".repeat(100), ")+".repeat(100));
    assert!(matches!(
        of(&text).verdict,
        Verdict::Unknown(_) | Verdict::Exponential
    ));
}

#[test]
fn the_run_shows_the_growth() {
    let Some(Fit::Factor(factor)) = of("^(a+)+$").fit() else {
        panic!("no factor");
    };
    assert!((factor - 2.0).abs() < 0.01, "{factor}");
    let Some(Fit::Exponent(exponent)) = of("^a*a*$").fit() else {
        panic!("no exponent");
    };
    assert!((exponent - 2.0).abs() < 0.1, "{exponent}");
    assert_eq!(of("abc").fit(), None);
}

#[test]
fn steps_of_back_references_are_measured_too() {
    let analysis = of("android.+(\\w+)\\s+build\\/hm\\1");
    assert!(matches!(analysis.verdict, Verdict::Polynomial(_)));
    assert!(!analysis.evidence.is_empty());
    assert!(analysis.length_for_a_second.is_some());
}

/// Each was run on V8: a negative look-around costs nothing where V8 sees beforehand that what
/// follows it cannot match.
#[test]
fn what_v8_passes_over_costs_nothing() {
    for text in [
        r"(?<!x\s*)y",
        r"(?<!xa*)b",
        r"(?!a*x)b",
        r"a(?!a*x)b",
        r"\w(?<!x\w*)@",
        r"(?!a*x)[ab]\w\w\w\w\w\wc",
        r"(?!a*x)b{3,5}c",
        r"(?!a*x)(?:b|c|d)e",
        r"......(?!a*x)b",
        r"(?!a*x)(?!a*y)\bb",
        r"^[ab]*?(?!b*x)c",
        r"^(?:(?!a*x)b|a)*c",
        r"^(?:a|(?!a*x)b)*c",
        r"^(?:a(?:(?!a*x)b)?)*c",
        r"(?:(?!a*x)b)?c",
        r"(?:(?!a*x)b){1}c",
        r"(?!a*x)b{2}c",
        r"(?!a*x)b{5}c",
        r"(?!a*x)(?:bc){2}d",
        r"(?!a*x)(?:ab){2}d",
        r"(?!a*x)(?:b|bc){2}d",
        r"(?!a*x)[b-e][b-e]",
        r"(?!a*x)[b-z0-9]b",
        r"(?!a*x)(?:b|bc){0,2}d",
        r"(?!a*x)(?:bb){1,3}c",
        r"(?!a*x)(?:bb){0,3}c",
        r"(?:(?!a*x)b){0,2}c",
        r"(?!a*x)(?:b|cd){0,3}e",
        r"(?!a*x)(?:b|cd){1,3}e",
        r"(?:(?!a*x)bc?){2}d",
        // What is before or after cannot be found in the word.
        r"(?!b\w*x)ab",
        r"(a)?(?!a*x)b",
        r"a!(?<!x\w*)b",
        r"(?!a*x)(?:ba){0,2}c",
        r"(?!a*x)(?:bc|d){3}e",
    ] {
        assert_eq!(of(text).verdict, Verdict::Safe, "{text}");
    }
    for text in [
        // A positive one is tried everywhere, in Node 20.
        r"(?=a*x)b",
        r"(?<=xa*)b",
        r"[ab](?=a*x)c",
        r"(?<!xa*)(?=b)b",
        // All that these begin with, or all bits in common, is found in the word too.
        r"(?!a*x)[b-z]",
        r"(?!\s*x)\S",
        r"(?!\s*x)[\u3040-\u309f]",
        r"(?<!x[ab]*)b",
        r"^(?:(?!a*x)(?:b|a))*c",
        r"^(?:a(?!a*x))*c",
        // What could tell is too far ahead, or how far is unknown.
        r"........(?!a*x)b",
        r"..(?!\d*x)[b-z]",
        r"(?!a*x)\w{7}c",
        r"(?!a*x)[^a]",
        r"(?!a*x)(?=b)c",
        r"(?!a*x)(?:a|ab){2}d",
        r"(?!a*x)(?:b|a){0,2}c",
        r"(?!a*x)(?:a|b){2}c",
        r"(?!a*x)(a)?\1b",
        // What follows is found in the word, too.
        r"(?!\w*x)bc",
        r"(?!\w*x)bcdefg",
        // Nothing is looked at after the only turn.
        r"a?(?!\w*x)bc",
        // What comes before a look-behind is found in the word, too.
        r"ab(?<!x\w*)c",
        r"ab+(?<=x\w*)!",
        r"\b(?<=x.*a)b",
        // V8 looks for any of these letters.
        r"a{2}(?!a*x)b",
    ] {
        assert_eq!(of(text).verdict, Verdict::Polynomial(2), "{text}");
    }
}

/// V8 does not compare what is longer than the rest of the text.
#[test]
fn back_references_beyond_the_text_cost_nothing() {
    let steps = |text: &str| {
        let pattern = Pattern::parse(r"^(a+)\1$").unwrap();
        let units: Vec<u16> = text.encode_utf16().collect();
        crate::ecma::Program::compile(&pattern)
            .unwrap()
            .search(&units, 1_000)
            .1
    };
    // 1 + 1 to start, 7 to take all, 1 for each of three groups that are too long, 1 + 3 and the end
    // for the one that fits.
    assert_eq!(steps("aaaaaa"), 2 + 7 + 3 + 5);
}
