use super::*;

fn run(pattern: &str, text: &str, steps: u64) -> (Search, u64) {
    let pattern = Pattern::parse(pattern).unwrap();
    let units: Vec<u16> = text.encode_utf16().collect();
    Program::compile(&pattern).unwrap().search(&units, steps)
}

fn find(pattern: &str, text: &str) -> Option<(usize, usize)> {
    match run(pattern, text, 1_000_000).0 {
        Search::Found { start, end } => Some((start, end)),
        Search::NotFound => None,
        Search::OutOfSteps => panic!("{pattern} ran out of steps"),
    }
}

#[test]
fn order_of_trying() {
    assert_eq!(find("a|ab", "xab"), Some((1, 2)));
    assert_eq!(find("a*", "aab"), Some((0, 2)));
    assert_eq!(find("a*?b", "aab"), Some((0, 3)));
    assert_eq!(find("(?:a|ab)(?:c|bcd)(?:d*)", "abcd"), Some((0, 4)));
    assert_eq!(find("a{2,3}?", "aaaa"), Some((0, 2)));
    assert_eq!(find("(?:ab){2,3}", "abababab"), Some((0, 6)));
    assert_eq!(find("(?:ab){2,3}?c", "abababc"), Some((0, 7)));
    assert_eq!(find("(?:ab){3}", "abab"), None);
}

#[test]
fn empty_turns() {
    assert_eq!(find("(?:a*)*", "b"), Some((0, 0)));
    assert_eq!(find("(?:a*)+", "b"), Some((0, 0)));
    assert_eq!(find("(?:a?){3}b", "ab"), Some((0, 2)));
    assert_eq!(find("(?:a*?)*?b", "aab"), Some((0, 3)));
    assert_eq!(find("(?:a?){2,5}$", "aaab"), Some((4, 4)));
    assert_eq!(find("(?:a|){0,3}b", "aab"), Some((0, 3)));
}

#[test]
fn assertions() {
    assert_eq!(find("^a", "ba"), None);
    assert_eq!(find("b$", "ba"), None);
    assert_eq!(find("\\bb", "ab b"), Some((3, 4)));
    assert_eq!(find("\\Bb", "b ab"), Some((3, 4)));
    // No letter outside ASCII is a word character, and `i` changes nothing about that.
    assert_eq!(find("\\bé", "xé"), Some((1, 2)));
    assert_eq!(find("\\b\u{17F}", "s\u{17F}"), Some((1, 2)));
}

#[test]
fn look_around() {
    assert_eq!(find("a(?=b)", "acab"), Some((2, 3)));
    assert_eq!(find("a(?!b)", "abac"), Some((2, 3)));
    assert_eq!(find("(?<=b)a", "aba"), Some((2, 3)));
    assert_eq!(find("(?<!b)a", "ba a"), Some((3, 4)));
    assert_eq!(find("(?<=ab{2,})c", "bbc abbc"), Some((7, 8)));
    assert_eq!(find("(?<=^a)b", "ab"), Some((1, 2)));
    assert_eq!(find("(?!^a)a", "aa"), Some((1, 2)));
    // What a look-ahead chose is final.
    assert_eq!(find("(?=(a+))a*b\\1", "baaabac"), Some((3, 6)));
    assert_eq!(find("(?=(a+?|a+))\\1b", "aab"), Some((1, 3)));
    // What a negative one captured is forgotten.
    assert_eq!(find("(.*?)a(?!(a+)b\\2c)\\2(.*)", "baaabaac"), Some((0, 8)));
    assert_eq!(find("(?!(?=(a))\\1b)a", "abaa"), Some((2, 3)));
}

#[test]
fn back_references() {
    assert_eq!(find("(a.)\\1", "abacAC"), Some((2, 6)));
    assert_eq!(find("\\1(a)", "aa"), Some((0, 1)));
    assert_eq!(find("(?:(a)|b)*c\\1d", "abcd"), Some((0, 4)));
    assert_eq!(find("(?<=\\1(a))b", "aab"), Some((2, 3)));
    assert_eq!(find("(?<=(.)\\1)b", "aab"), Some((2, 3)));
    assert_eq!(find("(?<=\\1(ab))c", "ababc"), Some((4, 5)));
    assert_eq!(find("(?<=\\1(ab))c", "baabc"), None);
    assert_eq!(find("(?<=(a)(b))\\1\\2", "abab"), Some((2, 4)));
    // Each turn forgets what its own groups matched, and no other.
    assert_eq!(find("(x)(y)(?:(a)|b)*\\2", "xyaby"), Some((0, 5)));
    assert_eq!(find("(é)\\1", "éÉ"), Some((0, 2)));
    assert_eq!(find("(?:(a)|(b)|(c)){2}\\1\\2\\3", "abb"), Some((0, 3)));
}

#[test]
fn steps_are_those_of_the_strategy() {
    // Every start is one step and one test.
    assert_eq!(run("b", "aaaa", 100), (Search::NotFound, 10));
    assert_eq!(run("^b", "aaaa", 100), (Search::NotFound, 3));
    assert_eq!(run("(?=^b)", "aaaa", 100), (Search::NotFound, 3));
    assert_eq!(run("b$", "aaaa", 100), (Search::NotFound, 4));
    assert_eq!(run("b", "aaaa", 9).0, Search::OutOfSteps);
    // `^` after parts of no width: one start, whatever the length.
    let once = |length: usize| run("\\b^b", &"a".repeat(length), 1000).1;
    assert_eq!(once(4), once(40));
    assert_eq!(
        run("(a+)+b", &"a".repeat(40), 1_000_000).0,
        Search::OutOfSteps
    );
    let quadratic = |n: usize| run("a+b", &"a".repeat(n), u64::MAX).1;
    assert_eq!((quadratic(10), quadratic(100)), (132, 10_302));
}

#[test]
fn memory_is_bounded() {
    let text = "ab".repeat(1 << 20);
    assert_eq!(run("(?:ab)*c", &text, u64::MAX).0, Search::OutOfSteps);
    assert_eq!(run("[^c]*c", &text, 10_000_000).0, Search::OutOfSteps);
    assert_eq!(
        run("(?:a?){2000000000}", "", 1_000_000).0,
        Search::OutOfSteps
    );
    assert!(run("(?:a{4000000000}){4000000000}", "aaa", 100).1 <= 100);
}

#[test]
fn deep_patterns_do_not_exhaust_the_stack() {
    let pattern = format!("{}a{}", "(?:x|y(?=".repeat(120), ")z)*".repeat(120));
    assert!(run(&pattern, "xyxa", 100_000).1 > 0);
}

#[test]
fn sets_beyond_ascii() {
    assert_eq!(find("[\u{80}]", "\u{7F}\u{80}"), Some((1, 2)));
    assert_eq!(find("[^\u{80}]", "\u{80}\u{7F}"), Some((1, 2)));
}
