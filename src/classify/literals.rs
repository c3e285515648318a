//! The one pass over a text that finds where tokens, secrets and medical identifiers may start.
//! Owns the literals and who is asked about each; knows nothing of what follows them.

mod filter;

use std::ops::Range;

use self::filter::{Filter, Hit};
use super::ascii::part;
use super::{Kind, Sink, health, names, private_key, secrets, tokens};

/// Who is asked about a place.
#[derive(Clone, Copy)]
enum Detector {
    Token(&'static tokens::Shape),
    Jwt,
    SlackWebhook,
    PrivateKey,
    PuttyKey,
    Bearer,
    SecretName,
    Health,
}

const OTHERS: &[(&str, Detector)] = &[
    ("eyJ", Detector::Jwt),
    ("hooks.slack.com/", Detector::SlackWebhook),
    ("PRIVATE KEY", Detector::PrivateKey),
    ("PuTTY-User-Key-File-", Detector::PuttyKey),
    ("bearer ", Detector::Bearer),
    ("basic ", Detector::Bearer),
];

/// All literals, ready to be looked for. ASCII case is ignored, since names are written in any;
/// detectors to which case matters look again.
pub(super) struct Literals {
    filter: Filter,
    detectors: Vec<Detector>,
}

impl Literals {
    pub(super) fn new() -> Self {
        let tokens = tokens::SHAPES.iter();
        let tokens = tokens.map(|shape| (shape.prefix, Detector::Token(shape)));
        let names = names::MARKS.iter();
        let names = names.map(|mark| (*mark, Detector::SecretName));
        let health = health::MARKS.iter().map(|mark| (*mark, Detector::Health));
        let others = OTHERS.iter().copied();
        let (literals, detectors): (Vec<&str>, _) =
            tokens.chain(others).chain(names).chain(health).unzip();
        Self {
            filter: Filter::new(&literals),
            detectors,
        }
    }

    /// Reports what starts at a literal.
    pub(super) fn scan(&self, text: &[u8], sink: &mut Sink<'_>) {
        // What was already looked at is not looked at again, which bounds the cost of a byte: one
        // end for tokens, one for the values of secrets.
        let mut tokens_from = 0;
        let mut secrets_from = 0;
        self.filter.search(text, |hit| {
            let Hit {
                literal,
                start,
                end,
            } = hit;
            let Some(detector) = self.detectors.get(literal) else {
                return;
            };
            let found = match detector {
                Detector::SecretName | Detector::Bearer if start < secrets_from => return,
                Detector::SecretName => {
                    let (examined, value) = secrets::assigned(text, start, end);
                    secrets_from = examined;
                    value.map(|value| (Kind::GenericSecret, value))
                }
                Detector::Bearer => {
                    let (examined, value) = secrets::authorization(text, start, end);
                    secrets_from = examined;
                    value.map(|value| (Kind::GenericSecret, value))
                }
                Detector::Health => health::at(text, start, end).map(|value| (Kind::Phi, value)),
                _ if start < tokens_from => return,
                Detector::Token(shape) => {
                    let (examined, token) = tokens::at(text, start, shape);
                    tokens_from = tokens_from.max(examined);
                    let kind = |token: &Range<usize>| {
                        tokens::kind(shape, part(text, token.start, token.end))
                    };
                    token.map(|token| (kind(&token), token))
                }
                Detector::Jwt => {
                    let (examined, token) = tokens::jwt(text, start);
                    tokens_from = tokens_from.max(examined);
                    token.map(|token| (Kind::Jwt, token))
                }
                Detector::SlackWebhook => {
                    tokens::slack_webhook(text, start).map(|url| (Kind::SlackToken, url))
                }
                Detector::PrivateKey => {
                    private_key::at(text, start, end).map(|key| (Kind::PrivateKey, key))
                }
                Detector::PuttyKey => Some((Kind::PrivateKey, start..end)),
            };
            if let Some((kind, range)) = found {
                tokens_from = tokens_from.max(range.end);
                sink(kind, range);
            }
        });
    }
}
