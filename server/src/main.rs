//! The binary. Everything else is in the library, so that tests can reach it.

use std::process::ExitCode;

use clap::Parser;
use server::commands::{Cli, run};

fn main() -> ExitCode {
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
        #[allow(clippy::print_stderr, reason = "a failing command says why on standard error")]
        Err(error) => {
            eprintln!("sluice: {error}");
            ExitCode::FAILURE
        }
    }
}
