//! Stateless work on all cores, its results taken one by one in order. Owns threads and the pool
//! of jobs; knows nothing of the work.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

/// Runs jobs: `fill` makes the next one in a recycled `J` and says false when there is none,
/// `work` does it on one of `threads` threads, each with a state of its own, and `take` gets the
/// jobs in the order in which they were made. `fill` and `take` run on the calling thread, which is
/// one of those and works while there is nothing to fill or take.
///
/// At most `2 * threads + 1` jobs exist at a time, which bounds memory.
///
/// # Errors
/// The first error of `fill` or `take` in the order of the jobs: where `fill` fails, the jobs made
/// before are taken first. No further job is made or taken after it.
///
/// # Panics
/// If `work` panics.
pub fn run<J, S, E>(
    threads: NonZeroUsize,
    mut fill: impl FnMut(&mut J) -> Result<bool, E>,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut J) + Sync,
    mut take: impl FnMut(&mut J) -> Result<(), E>,
) -> Result<(), E>
where
    J: Default + Send,
{
    if threads.get() == 1 {
        let (mut job, mut state) = (J::default(), state());
        while fill(&mut job)? {
            work(&mut state, &mut job);
            take(&mut job)?;
        }
        return Ok(());
    }
    let pool = threads.get() * 2 + 1;
    let (to_workers, queue) = mpsc::channel::<(usize, J)>();
    let (to_caller, done) = mpsc::channel::<thread::Result<(usize, J)>>();
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 1..threads.get() {
            let to_caller = to_caller.clone();
            let (queue, state, work) = (&queue, &state, &work);
            scope.spawn(move || {
                let mut state = state();
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, mut job)) = next else { return };
                    let result = catch_unwind(AssertUnwindSafe(|| {
                        work(&mut state, &mut job);
                        (number, job)
                    }));
                    if to_caller.send(result).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_caller);

        let (to_workers, mut state) = (to_workers, state());
        let mut free: Vec<J> = std::iter::repeat_with(J::default).take(pool).collect();
        let mut waiting: Vec<Option<J>> = std::iter::repeat_with(|| None).take(pool).collect();
        let (mut made, mut taken, mut exhausted) = (0, 0, None);
        let keep = |result: thread::Result<(usize, J)>, waiting: &mut Vec<Option<J>>| {
            let (number, job) = result.unwrap_or_else(|panic| resume_unwind(panic));
            if let Some(slot) = waiting.get_mut(number % pool) {
                *slot = Some(job);
            }
        };
        loop {
            while exhausted.is_none()
                && let Some(mut job) = free.pop()
            {
                match fill(&mut job) {
                    Ok(true) => {
                        // The workers end only when this sender does.
                        let _ = to_workers.send((made, job));
                        made += 1;
                    }
                    Ok(false) => exhausted = Some(Ok(())),
                    Err(error) => exhausted = Some(Err(error)),
                }
            }
            if taken == made {
                return exhausted.unwrap_or(Ok(()));
            }
            for result in done.try_iter() {
                keep(result, &mut waiting);
            }
            if let Some(mut job) = waiting.get_mut(taken % pool).and_then(Option::take) {
                take(&mut job)?;
                taken += 1;
                free.push(job);
                continue;
            }
            // A worker that waits for a job has the queue, which is empty then.
            let next = queue
                .try_lock()
                .ok()
                .and_then(|queue| queue.try_recv().ok());
            match next {
                Some((number, mut job)) => {
                    work(&mut state, &mut job);
                    keep(Ok((number, job)), &mut waiting);
                }
                None => match done.recv() {
                    Ok(result) => keep(result, &mut waiting),
                    Err(_) => return Ok(()),
                },
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(threads: usize, count: u64, fail_at: Option<u64>) -> (Vec<u64>, Result<(), u64>) {
        let mut next = 0;
        let mut taken = Vec::new();
        let result = run(
            NonZeroUsize::new(threads).expect("not zero"),
            |job: &mut (u64, u64)| {
                job.0 = next;
                next += 1;
                Ok(job.0 < count)
            },
            || (),
            |(), job| {
                if job.0 % 3 == 0 {
                    thread::yield_now();
                }
                job.1 = job.0 * job.0;
            },
            |job| {
                taken.push(job.1);
                if fail_at == Some(job.0) {
                    Err(job.0)
                } else {
                    Ok(())
                }
            },
        );
        (taken, result)
    }

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        let expected: Vec<u64> = (0..500).map(|n| n * n).collect();
        for threads in [1, 2, 8] {
            assert_eq!(
                squares(threads, 500, None),
                (expected.clone(), Ok(())),
                "{threads}"
            );
            assert_eq!(squares(threads, 0, None), (vec![], Ok(())));
        }
    }

    #[test]
    fn an_error_ends_the_run_at_its_job() {
        for threads in [1, 2, 8] {
            let (taken, result) = squares(threads, 500, Some(7));
            assert_eq!((taken.len(), result), (8, Err(7)), "{threads}");
        }
    }

    #[test]
    fn jobs_made_before_a_failure_to_make_one_are_taken() {
        for threads in [1, 2, 8] {
            let mut next = 0;
            let mut taken = 0;
            let result = run(
                NonZeroUsize::new(threads).expect("not zero"),
                |job: &mut u32| {
                    *job = next;
                    next += 1;
                    if *job < 100 { Ok(true) } else { Err("no more") }
                },
                || (),
                |(), _| thread::yield_now(),
                |_| {
                    taken += 1;
                    Ok(())
                },
            );
            assert_eq!((taken, result), (100, Err("no more")), "{threads}");
        }
    }

    #[test]
    fn a_panic_of_the_work_reaches_the_caller() {
        let caught = catch_unwind(|| {
            let mut next = 0;
            run(
                NonZeroUsize::MIN.saturating_add(1),
                |job: &mut u32| {
                    *job = next;
                    next += 1;
                    Ok::<bool, ()>(next < 100)
                },
                || (),
                |(), job| assert!(*job != 5, "the work fails"),
                |_| Ok(()),
            )
        });
        assert!(caught.is_err());
    }
}
