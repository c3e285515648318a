//! Every example of the README and every transcript in `testdata/cli` runs as it is shown.

#[test]
fn transcripts_show_what_happens() {
    trycmd::TestCases::new()
        .env("NO_COLOR", "1")
        .case("README.md")
        .case("testdata/cli/*.trycmd");
}
