//! Runs a program: an explicit stack of what is left to try, no recursion.

use super::{NO_REGISTER, Op, Program, Search, UNSET};
use crate::ecma::fold::canonicalize;
use crate::ecma::tree::{Direction, Greediness, Polarity};

/// The most alternatives left to try, 16 bytes each.
const MAX_FRAMES: usize = 1 << 20;

pub(super) fn search(program: &Program, text: &[u16], steps: u64) -> (Search, u64) {
    let Ok(length) = u32::try_from(text.len()) else {
        return (Search::OutOfSteps, 0);
    };
    let mut machine = Machine {
        program,
        text,
        length,
        registers: vec![UNSET; program.registers as usize],
        frames: Vec::new(),
        left: steps,
    };
    let result = machine.first_match(program.starts.positions(length));
    (result, steps - machine.left)
}

/// Something to go back to.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// Go on at `pc` from `position`.
    Try { pc: u32, position: u32 },
    /// Take back an assignment.
    Restore { register: u32, value: u32 },
    /// Give back one more of `left` code units, then go on at `pc`.
    GiveBack { pc: u32, position: u32, left: u32 },
    /// Take one more of at most `left` code units by the operation before `pc`, then go on there.
    TakeOne { pc: u32, position: u32, left: u32 },
    /// Everything above was tried on behalf of the look-around at `pc`.
    Look { pc: u32, position: u32 },
}

/// The steps or the frames ran out.
struct Exhausted;

/// What to do after an operation.
enum Flow {
    /// Go on at `pc` from `position`.
    Go(u32, u32),
    Fail,
    Matched(u32),
}

struct Machine<'r> {
    program: &'r Program,
    text: &'r [u16],
    length: u32,
    registers: Vec<u32>,
    frames: Vec<Frame>,
    left: u64,
}

impl Machine<'_> {
    fn first_match(&mut self, starts: std::ops::RangeInclusive<u32>) -> Search {
        for start in starts {
            match self.step().and_then(|()| self.match_at(start)) {
                Err(Exhausted) => return Search::OutOfSteps,
                Ok(Some(end)) => {
                    return Search::Found {
                        start: start as usize,
                        end: end as usize,
                    };
                }
                Ok(None) => {}
            }
        }
        Search::NotFound
    }

    /// The end of the match that starts at `start`. Leaves no frames when there is none, and by
    /// that every register as it was.
    fn match_at(&mut self, start: u32) -> Result<Option<u32>, Exhausted> {
        let mut flow = Flow::Go(0, start);
        loop {
            flow = match flow {
                Flow::Go(pc, position) => self.execute(pc, position)?,
                Flow::Matched(end) => return Ok(Some(end)),
                Flow::Fail => match self.frames.pop() {
                    None => return Ok(None),
                    Some(frame) => self.resume(frame)?,
                },
            };
        }
    }

    fn step(&mut self) -> Result<(), Exhausted> {
        self.left = self.left.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }

    fn push(&mut self, frame: Frame) -> Result<(), Exhausted> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Exhausted);
        }
        self.frames.push(frame);
        Ok(())
    }

    fn register(&self, register: u32) -> u32 {
        self.registers
            .get(register as usize)
            .copied()
            .unwrap_or(UNSET)
    }

    /// Assigns so that going back takes it back.
    fn assign(&mut self, register: u32, value: u32) -> Result<(), Exhausted> {
        let old = self.register(register);
        self.push(Frame::Restore {
            register,
            value: old,
        })?;
        self.put(register, value);
        Ok(())
    }

    fn put(&mut self, register: u32, value: u32) {
        if let Some(slot) = self.registers.get_mut(register as usize) {
            *slot = value;
        }
    }

    /// The code unit next to `position` in a direction, and the position beyond it.
    fn unit(&self, position: u32, direction: Direction) -> Option<(u16, u32)> {
        match direction {
            Direction::Ahead => Some((*self.text.get(position as usize)?, position + 1)),
            Direction::Behind => {
                let before = position.checked_sub(1)?;
                Some((*self.text.get(before as usize)?, before))
            }
        }
    }

    /// Tests one code unit; the position beyond it.
    fn take(
        &mut self,
        test: u32,
        position: u32,
        direction: Direction,
    ) -> Result<Option<u32>, Exhausted> {
        self.step()?;
        Ok(self.unit(position, direction).and_then(|(unit, next)| {
            let test = self.program.units.get(test as usize)?;
            test.contains(unit).then_some(next)
        }))
    }

    fn is_word(&self, position: u32, direction: Direction) -> bool {
        self.unit(position, direction)
            .is_some_and(|(unit, _)| matches!(unit, 0x30..=0x39 | 0x41..=0x5A | 0x5F | 0x61..=0x7A))
    }

    fn execute(&mut self, pc: u32, position: u32) -> Result<Flow, Exhausted> {
        let Some(&op) = self.program.ops.get(pc as usize) else {
            return Ok(Flow::Fail);
        };
        let next = pc + 1;
        let go_if = |holds: bool| {
            if holds {
                Flow::Go(next, position)
            } else {
                Flow::Fail
            }
        };
        Ok(match op {
            Op::Unit { test, direction } => match self.take(test, position, direction)? {
                Some(beyond) => Flow::Go(next, beyond),
                None => Flow::Fail,
            },
            Op::Units { .. } => self.units(op, next, position)?,
            Op::Fork { other } => {
                self.push(Frame::Try {
                    pc: other,
                    position,
                })?;
                Flow::Go(next, position)
            }
            Op::ForkAway { first } => {
                self.push(Frame::Try { pc: next, position })?;
                Flow::Go(first, position)
            }
            Op::Jump { to } => Flow::Go(to, position),
            Op::Save { register } => {
                self.assign(register, position)?;
                Flow::Go(next, position)
            }
            Op::Forget { from, to } => {
                for register in from..=to {
                    if self.register(register) != UNSET {
                        self.assign(register, UNSET)?;
                    }
                }
                Flow::Go(next, position)
            }
            Op::Reset { register } => {
                self.assign(register, 0)?;
                Flow::Go(next, position)
            }
            Op::Turn {
                counter,
                min,
                max,
                greediness,
                exit,
            } => {
                let turns = self.register(counter);
                if turns >= max {
                    return Ok(Flow::Go(exit, position));
                }
                if turns >= min {
                    match greediness {
                        Greediness::Greedy => self.push(Frame::Try { pc: exit, position })?,
                        Greediness::Lazy => {
                            // Leaving comes first; coming back counts the turn.
                            self.push(Frame::TakeOne {
                                pc: next,
                                position,
                                left: counter,
                            })?;
                            return Ok(Flow::Go(exit, position));
                        }
                    }
                }
                self.assign(counter, turns.saturating_add(1))?;
                Flow::Go(next, position)
            }
            Op::Mark { register } => {
                self.step()?;
                self.assign(register, position)?;
                Flow::Go(next, position)
            }
            Op::Progress { mark, counter, min } => {
                let required = counter != NO_REGISTER && self.register(counter) <= min;
                go_if(required || self.register(mark) != position)
            }
            Op::Start => {
                self.step()?;
                go_if(position == 0)
            }
            Op::End => {
                self.step()?;
                go_if(position == self.length)
            }
            Op::Boundary { polarity } => {
                self.step()?;
                let boundary = self.is_word(position, Direction::Behind)
                    != self.is_word(position, Direction::Ahead);
                go_if(boundary == (polarity == Polarity::Positive))
            }
            Op::Backreference { groups, direction } => {
                match self.backreference(groups, position, direction)? {
                    Some(beyond) => Flow::Go(next, beyond),
                    None => Flow::Fail,
                }
            }
            Op::Look { .. } => {
                self.push(Frame::Look { pc, position })?;
                Flow::Go(next, position)
            }
            Op::Hold => self.hold(),
            Op::Match => Flow::Matched(position),
        })
    }

    /// Goes back to what was left to try.
    fn resume(&mut self, frame: Frame) -> Result<Flow, Exhausted> {
        Ok(match frame {
            Frame::Try { pc, position } => Flow::Go(pc, position),
            Frame::Restore { register, value } => {
                self.put(register, value);
                Flow::Fail
            }
            Frame::GiveBack { pc, position, left } => {
                let backwards = pc
                    .checked_sub(1)
                    .and_then(|pc| self.program.ops.get(pc as usize))
                    .is_some_and(|op| {
                        matches!(
                            op,
                            Op::Units {
                                direction: Direction::Behind,
                                ..
                            }
                        )
                    });
                let position = if backwards {
                    position + 1
                } else {
                    position.saturating_sub(1)
                };
                if left > 1 {
                    self.push(Frame::GiveBack {
                        pc,
                        position,
                        left: left - 1,
                    })?;
                }
                Flow::Go(pc, position)
            }
            Frame::TakeOne { pc, position, left } => self.take_one(pc, position, left)?,
            Frame::Look { pc, position } => match self.program.ops.get(pc as usize) {
                Some(&Op::Look {
                    polarity: Polarity::Negative,
                    next,
                }) => Flow::Go(next, position),
                _ => Flow::Fail,
            },
        })
    }

    /// A lazy loop goes on for one more turn.
    fn take_one(&mut self, pc: u32, position: u32, left: u32) -> Result<Flow, Exhausted> {
        let op = pc
            .checked_sub(1)
            .and_then(|pc| self.program.ops.get(pc as usize));
        match op {
            Some(&Op::Units {
                test, direction, ..
            }) => {
                let Some(beyond) = self.take(test, position, direction)? else {
                    return Ok(Flow::Fail);
                };
                if left > 1 {
                    self.push(Frame::TakeOne {
                        pc,
                        position: beyond,
                        left: left - 1,
                    })?;
                }
                Ok(Flow::Go(pc, beyond))
            }
            Some(&Op::Turn { counter, .. }) => {
                let turns = self.register(counter);
                self.assign(counter, turns.saturating_add(1))?;
                Ok(Flow::Go(pc, position))
            }
            _ => Ok(Flow::Fail),
        }
    }

    fn units(&mut self, op: Op, next: u32, start: u32) -> Result<Flow, Exhausted> {
        let Op::Units {
            test,
            direction,
            min,
            max,
            greediness,
        } = op
        else {
            return Ok(Flow::Fail);
        };
        let goal = match greediness {
            Greediness::Greedy => max,
            Greediness::Lazy => min,
        };
        let mut position = start;
        let mut taken = 0;
        while taken < goal {
            match self.take(test, position, direction)? {
                Some(beyond) => position = beyond,
                None => break,
            }
            taken += 1;
        }
        if taken < min {
            return Ok(Flow::Fail);
        }
        match greediness {
            Greediness::Greedy if taken > min => self.push(Frame::GiveBack {
                pc: next,
                position,
                left: taken - min,
            })?,
            Greediness::Lazy if max > min => self.push(Frame::TakeOne {
                pc: next,
                position,
                left: max - min,
            })?,
            Greediness::Greedy | Greediness::Lazy => {}
        }
        Ok(Flow::Go(next, position))
    }

    /// Matches again what a group matched; a group that matched nothing matches here too.
    fn backreference(
        &mut self,
        groups: u32,
        position: u32,
        direction: Direction,
    ) -> Result<Option<u32>, Exhausted> {
        self.step()?;
        let program = self.program;
        let captured = program
            .groups
            .get(groups as usize)
            .into_iter()
            .flatten()
            .map(|&group| (self.register(2 * group), self.register(2 * group + 1)))
            .find(|&(start, end)| start != UNSET && end != UNSET);
        let Some((start, end)) = captured else {
            return Ok(Some(position));
        };
        let width = end.saturating_sub(start);
        let left = match direction {
            Direction::Ahead => self.length - position,
            Direction::Behind => position,
        };
        if left < width {
            // V8 sees that before it compares anything.
            return Ok(None);
        }
        let mut position = position;
        for index in 0..width {
            self.step()?;
            let at = match direction {
                Direction::Ahead => start + index,
                Direction::Behind => end - 1 - index,
            };
            let wanted = self.text.get(at as usize).copied();
            match (wanted, self.unit(position, direction)) {
                (Some(wanted), Some((unit, beyond)))
                    if canonicalize(wanted) == canonicalize(unit) =>
                {
                    position = beyond;
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(position))
    }

    /// What a look-around tried has matched. What it left to try is dropped; what it assigned
    /// stays for a positive one, to be taken back later, and is taken back now for a negative one.
    fn hold(&mut self) -> Flow {
        let look = self
            .frames
            .iter()
            .rposition(|frame| matches!(frame, Frame::Look { .. }));
        let Some(look) = look else {
            return Flow::Fail;
        };
        let tried = self.frames.split_off(look);
        let mut tried = tried.into_iter();
        let Some(Frame::Look { pc, position }) = tried.next() else {
            return Flow::Fail;
        };
        match self.program.ops.get(pc as usize) {
            Some(&Op::Look {
                polarity: Polarity::Positive,
                next,
            }) => {
                self.frames
                    .extend(tried.filter(|frame| matches!(frame, Frame::Restore { .. })));
                Flow::Go(next, position)
            }
            _ => {
                for frame in tried.rev() {
                    if let Frame::Restore { register, value } = frame {
                        self.put(register, value);
                    }
                }
                Flow::Fail
            }
        }
    }
}
