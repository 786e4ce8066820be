//! The program `simulation`: plays seeds, prints what they came to, and says by its exit code whether every rule held.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use handover_simulation::cli::Options;
use handover_simulation::{crowd, play, summary};

fn main() -> ExitCode {
    let options = Options::parse();
    let clean = match options.seed {
        Some(seed) => {
            let played = play::play(seed, options.trace);
            summary::print_violation(&played);
            println!("seed {seed}: {} lines, hash {:016x}", played.lines, played.hash);
            played.violation.is_none()
        }
        None => {
            let threads = options
                .threads
                .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
            let begun = Instant::now();
            let summary = crowd::play_all(options.from, options.seeds, threads, options.keep_going);
            summary.print(begun.elapsed());
            summary.is_clean()
        }
    };
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
