//! The binary. Everything else is in the library, so that tests can reach it.

use std::process::ExitCode;

use clap::Parser;
use server::commands::{Cli, run};

#[allow(clippy::print_stderr, reason = "before there is a log, and where a command failed")]
fn main() -> ExitCode {
    // What a panic says may repeat a text that was being washed; where it happened says nothing of anybody.
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        if tracing::dispatcher::has_been_set() {
            tracing::error!(at, "a task panicked");
        } else {
            eprintln!("sluice: panicked at {at}");
        }
    }));
    let cli = Cli::parse();
    // Rendering and hashing never share the only worker, even on one core.
    let workers = std::thread::available_parallelism().map_or(2, usize::from).max(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("sluice: {error}");
            ExitCode::FAILURE
        }
    }
}
