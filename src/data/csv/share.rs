//! Blocks shared among threads.
//!
//! The calling thread reads the text, which need not be able to move to another thread, and
//! offers each block to the others; a block for which their queue has no room it parses itself. So every
//! thread has work, whether reading or parsing is slow.

use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender, TrySendError};
use std::thread;

use super::blocks::{Block, Blocks};
use super::part::{Layout, Part};
use super::table::Table;
use crate::data::error::Error;

/// A block with its number in the text.
struct Job {
    number: usize,
    block: Block,
}

/// A parsed block with its rows; its buffer is used for a later block.
struct Done {
    number: usize,
    block: Block,
    part: Part,
}

impl Job {
    fn run(self, layout: &Layout) -> Done {
        let part = Part::of(&self.block, layout);
        Done { number: self.number, block: self.block, part }
    }
}

/// Appends all blocks to the table; the error is the first in the order of the text.
pub(super) fn rows<R: Read>(
    mut blocks: Blocks<R>,
    first: Block,
    layout: &Layout,
    threads: NonZeroUsize,
    table: &mut Table,
) -> Result<(), Error> {
    let helpers = if blocks.ended() { 0 } else { threads.get() - 1 };
    // Two blocks a helper, so that none waits while this thread parses a block itself.
    let (jobs, queue) = mpsc::sync_channel(2 * helpers);
    let (done, results) = mpsc::channel();
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..helpers {
            let done = done.clone();
            scope.spawn(|| work(&queue, layout, done));
        }
        let mut ending = Ok(());
        let mut job = Some(Job { number: 0, block: first });
        while let Some(Job { number, block }) = job {
            if let Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) =
                jobs.try_send(Job { number, block })
            {
                join(job.run(layout), table, &mut blocks)?;
            }
            for done in results.try_iter() {
                join(done, table, &mut blocks)?;
            }
            let next = blocks.next().unwrap_or_else(|error| {
                ending = Err(error);
                None
            });
            job = next.map(|block| Job { number: number + 1, block });
        }
        drop(jobs);
        work(&queue, layout, done);
        for done in results {
            join(done, table, &mut blocks)?;
        }
        ending
    })
}

/// Parses queued blocks until the queue is closed, or until the receiver of the results is gone.
fn work(queue: &Mutex<Receiver<Job>>, layout: &Layout, done: Sender<Done>) {
    loop {
        let job = queue.lock().expect("nothing panics while it waits").recv();
        let Ok(job) = job else { return };
        if done.send(job.run(layout)).is_err() {
            return;
        }
    }
}

fn join<R: Read>(done: Done, table: &mut Table, blocks: &mut Blocks<R>) -> Result<(), Error> {
    blocks.recycle(done.block);
    table.accept(done.number, done.part)
}
