//! Repetitions as steps. Owns how counts are unrolled, cut short or taken for unlimited; knows
//! nothing of what is repeated.

use super::{Builder, Context, MAX_MARKS, Purpose, Step, StepId, TooLarge};
use crate::diagnostic::Span;
use crate::ecma::{Greediness, Node, NodeKind};

impl<'n> Builder<'n> {
    pub(super) fn repeat(
        &mut self,
        repeat: Repeat<'n>,
        next: StepId,
        mut at: Context,
    ) -> Result<StepId, TooLarge> {
        let repeat = match self.purpose {
            // Outside of all loops two copies show what any number of copies does.
            Purpose::Loops | Purpose::Relaxed(_) if at.span.is_none() && repeat.max.is_some() => {
                repeat.at_most(2)
            }
            Purpose::Relaxed(limit) => repeat.unlimited(limit),
            Purpose::Texts {
                relaxed: Some(limit),
                ..
            } => {
                if repeat.nullable && repeat.max.is_some_and(|max| max >= 6) {
                    return self.several_stars(repeat, next, at);
                }
                repeat.shortened(limit)
            }
            Purpose::Cost | Purpose::Loops | Purpose::Texts { .. } => repeat,
        };
        if repeat.max.is_none() && at.span.is_none() {
            at.span = Some(repeat.span);
        }
        let mut inside = at;
        if repeat.nullable {
            inside.marks += 1;
            if inside.marks > MAX_MARKS {
                return Err(TooLarge);
            }
        }
        let mut entry = next;
        match repeat.max {
            None => {
                let choice = self.push(Step::Fail)?;
                let turn = self.turn(&repeat, choice, inside)?;
                self.put(choice, repeat.choice(turn, next));
                entry = choice;
            }
            Some(max) => {
                for _ in repeat.min..max {
                    let turn = self.turn(&repeat, entry, inside)?;
                    entry = self.push(repeat.choice(turn, next))?;
                }
            }
        }
        for _ in 0..repeat.min {
            let before = self.graph.steps.len();
            entry = self.node(repeat.body, entry, inside)?;
            if repeat.nullable {
                entry = self.push(Step::Tick { next: entry })?;
            }
            entry = self.forgetting(repeat.body, entry)?;
            if self.graph.steps.len() == before {
                // Turns without any step are all alike.
                break;
            }
        }
        Ok(entry)
    }

    /// What may be empty and comes many times is ambiguous without any loop: three loops in its
    /// place show it.
    fn several_stars(
        &mut self,
        repeat: Repeat<'n>,
        next: StepId,
        at: Context,
    ) -> Result<StepId, TooLarge> {
        let star = Repeat {
            min: 0,
            max: None,
            ..repeat
        };
        let third = self.repeat(star, next, at)?;
        let second = self.repeat(star, third, at)?;
        self.repeat(star, second, at)
    }

    fn turn(
        &mut self,
        repeat: &Repeat<'n>,
        next: StepId,
        inside: Context,
    ) -> Result<StepId, TooLarge> {
        let turn = if repeat.nullable {
            let depth = inside.marks - 1;
            let end = self.push(Step::Progress { depth, next })?;
            let body = self.node(repeat.body, end, inside)?;
            self.push(Step::Mark { depth, next: body })?
        } else {
            self.node(repeat.body, next, inside)?
        };
        self.forgetting(repeat.body, turn)
    }
}

/// A repetition.
#[derive(Clone, Copy)]
pub(super) struct Repeat<'n> {
    pub(super) body: &'n Node,
    pub(super) span: Span,
    pub(super) min: u32,
    pub(super) max: Option<u32>,
    pub(super) greediness: Greediness,
    pub(super) nullable: bool,
}

impl Repeat<'_> {
    const fn choice(&self, turn: StepId, leave: StepId) -> Step {
        match self.greediness {
            Greediness::Greedy => Step::Split {
                first: turn,
                second: leave,
            },
            Greediness::Lazy => Step::Split {
                first: leave,
                second: turn,
            },
        }
    }

    fn spans(&self, turns: u32) -> u32 {
        turns.saturating_mul(units(self.body).max(1))
    }

    fn at_most(self, turns: u32) -> Self {
        Self {
            min: self.min.min(turns),
            max: self.max.map(|max| max.min(turns)),
            ..self
        }
    }

    /// Without a limit when it spans more than `limit` code units, and accepting all it did.
    fn unlimited(self, limit: u32) -> Self {
        match self.max {
            Some(max) if max > 1 && self.spans(max) > limit => Self {
                max: None,
                min: self.min.min(1),
                ..self
            },
            None if self.spans(self.min) > limit => Self {
                min: self.min.min(1),
                ..self
            },
            _ => self,
        }
    }

    /// Without a limit when it spans more than `limit` code units in varying ways; long texts
    /// that have to be matched are cut short.
    fn shortened(self, limit: u32) -> Self {
        const LONG: u32 = 800;
        let varying = Some(self.min) != self.max || self.nullable || varies(self.body);
        match self.max {
            Some(max) if max > 1 && self.spans(max) > limit && varying => Self {
                max: None,
                min: self.min.min(2),
                ..self
            },
            Some(max) if max > 3 && self.spans(max) > LONG => Self {
                max: Some(3),
                min: 3,
                ..self
            },
            None if self.spans(self.min) > LONG => Self {
                min: self.min.min(2),
                ..self
            },
            _ => self,
        }
    }
}

pub(super) fn is_unlimited(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Repeat { max: None, .. })
}

/// Whether a match of it can be of different widths or shapes.
fn varies(node: &Node) -> bool {
    node.any(&|node| {
        matches!(&node.kind, NodeKind::Alternation(_))
            || matches!(&node.kind, NodeKind::Repeat { min, max, .. } if Some(*min) != *max)
    })
}

/// How many code units of the pattern it takes, counts multiplied out.
fn units(node: &Node) -> u32 {
    match &node.kind {
        NodeKind::Set(_) => 1,
        NodeKind::Repeat { node, max, min, .. } => {
            units(node).saturating_mul(max.unwrap_or((*min).max(1)).max(1))
        }
        _ => node
            .children()
            .iter()
            .fold(0, |sum, child| sum.saturating_add(units(child))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecma::Pattern;

    /// The counts of a repetition that is cut.
    fn counts(
        text: &str,
        cut: for<'n> fn(Repeat<'n>, u32) -> Repeat<'n>,
        limit: u32,
    ) -> (u32, Option<u32>) {
        let root = Pattern::parse(text).unwrap().root;
        let NodeKind::Repeat {
            node,
            min,
            max,
            greediness,
        } = &root.kind
        else {
            panic!("{text} is no repetition");
        };
        let repeat = Repeat {
            body: node,
            span: root.span,
            min: *min,
            max: *max,
            greediness: *greediness,
            nullable: node.min_width() == 0,
        };
        let cut = cut(repeat, limit);
        (cut.min, cut.max)
    }

    #[test]
    fn what_spans_too_much_is_taken_for_unlimited() {
        let counts = |text| counts(text, |repeat, limit| repeat.unlimited(limit), 10);
        for (text, expected) in [
            ("a{2,10}", (2, Some(10))),
            ("a{2,11}", (1, None)),
            ("a{0,11}", (0, None)),
            ("a{11}", (1, None)),
            ("a{10,}", (10, None)),
            ("a{11,}", (1, None)),
            ("(?:ab){1,5}", (1, Some(5))),
            ("(?:ab){1,6}", (1, None)),
            ("(?:a{2}b){2,3}", (2, Some(3))),
            ("(?:a{2}b){2,4}", (1, None)),
            ("(?:a{2,3}b){1,3}", (1, None)),
            ("(?:a+b){1,5}", (1, Some(5))),
            ("(?:a{5,}b){1,2}", (1, None)),
            // One turn is no repetition, and no turn spans something.
            ("(?:abcdefghijkl){1}", (1, Some(1))),
            ("(?:abcdefghijkl)?", (0, Some(1))),
            ("(?:\\b){1,10}", (1, Some(10))),
            ("(?:\\b){1,11}", (1, None)),
        ] {
            assert_eq!(counts(text), expected, "{text}");
        }
    }

    #[test]
    fn what_varies_is_taken_for_unlimited_and_what_is_long_is_cut_short() {
        let counts = |text| counts(text, |repeat, limit| repeat.shortened(limit), 10);
        for (text, expected) in [
            ("a{11}", (11, Some(11))),
            ("(?:abc){4}", (4, Some(4))),
            ("a{2,10}", (2, Some(10))),
            ("a{1,11}", (1, None)),
            ("a{5,11}", (2, None)),
            ("(?:a|b){5}", (5, Some(5))),
            ("(?:a|b){6}", (2, None)),
            ("(?:ab?){5}", (5, Some(5))),
            ("(?:ab?){6}", (2, None)),
            ("(?:a{2}b){4}", (4, Some(4))),
            ("(?:a*){11}", (2, None)),
            ("(?:abcdefghijkl)?", (0, Some(1))),
            ("a{800}", (800, Some(800))),
            ("a{801}", (3, Some(3))),
            ("(?:(?:ab){20}c){19}", (19, Some(19))),
            ("(?:(?:ab){20}c){20}", (3, Some(3))),
            ("(?:a{300}){3}", (3, Some(3))),
            ("(?:a{300}){4}", (3, Some(3))),
            ("a{800,}", (800, None)),
            ("a{801,}", (2, None)),
            ("a{1,}", (1, None)),
        ] {
            assert_eq!(counts(text), expected, "{text}");
        }
    }
}
