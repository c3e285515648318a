//! Every example of the README and every transcript in `testdata/cli` runs as it is shown.

#[test]
fn transcripts_show_what_happens() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .case("README.md")
        .case("testdata/cli/*.trycmd");
}

/// The README's first policy is the file that its examples use.
#[test]
fn the_readme_shows_the_file_that_it_uses() {
    let readme = include_str!("../../README.md");
    let shown = readme
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(shown, Some(include_str!("../../testdata/cli/first.yaml")));
}

/// The two commands of the README are the ones that the tests and the continuous integration run.
#[test]
fn the_readme_shows_two_commands() {
    let readme = include_str!("../../README.md");
    let commands: Vec<&str> = readme
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    assert!(commands[0].starts_with("cargo run --release -- simulate"));
    assert!(include_str!("../../.ci/run").contains(commands[1]));
}
