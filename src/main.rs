//! The `loomgate` command: parses arguments, hands over to `cli`, turns the result into an exit code.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    loomgate::cli::run()
}
