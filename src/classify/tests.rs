use super::*;

fn classify(text: &str, key: Option<&str>) -> Vec<(Kind, String)> {
    let classifier = Classifier::new(&[]).unwrap();
    let mut found = Vec::new();
    classifier.classify(text.as_bytes(), key.map(str::as_bytes), &mut |hit| {
        found.push((hit.kind, text[hit.range].to_owned()));
    });
    found
}

/// What the platform's own patterns do not find.
#[test]
fn known_misses_are_found() {
    for (text, kind) in [
        (
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            Kind::GithubToken,
        ),
        ("sk-proj-4fKx9QmZ2vTn8LbR1wYc6HdS3jPgA7eU", Kind::OpenaiKey),
        (
            "xoxb-2482093489-3948572093-aB3dE5fG7hJ9kL1m",
            Kind::SlackToken,
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
            Kind::Jwt,
        ),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", Kind::PrivateKey),
        ("3782 822463 10005", Kind::Card),
        ("GB29 NWBK 6016 1331 9268 19", Kind::Iban),
        ("020 7946 0958", Kind::Phone),
    ] {
        assert_eq!(classify(text, None), [(kind, text.to_owned())], "{text}");
    }
    assert_eq!(
        classify("password=hunter2!!", None),
        [(Kind::GenericSecret, "hunter2!!".to_owned())]
    );
}

/// What the platform's own patterns find and is nothing.
#[test]
fn known_false_hits_are_none() {
    for text in ["1768473000", "JIRA-1234567890"] {
        assert_eq!(classify(text, None), [], "{text}");
    }
}
