//! How many connections this process can hold: each is a file to the system, and the store needs some as well.

use std::fs;

/// Files that are left to the store, to connectors' upstreams and to the bot's side.
const OTHERS: u32 = 256;

/// The bound on connections, or less where the system gives fewer files than that: a process without files left could
/// not even write down what it has taken in.
pub(super) fn within(wanted: u32) -> u32 {
    let Some(files) = fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(soft_limit) else {
        return wanted;
    };
    let room = files.saturating_sub(OTHERS).max(files / 2).max(1);
    if room < wanted {
        tracing::warn!(
            connections = room,
            "this process may open {files} files only, which is too few for `limits.connections` = {wanted}; \
             raise it (`ulimit -n`, `LimitNOFILE=`)"
        );
    }
    wanted.min(room)
}

/// The line of Linux: `Max open files  1024  524288  files`.
fn soft_limit(limits: &str) -> Option<u32> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_is_the_first_figure() {
        let text =
            "Max processes  1  2  processes\nMax open files            1024                 524288  files\n";
        assert_eq!(soft_limit(text), Some(1024));
        assert_eq!(soft_limit("Max open files  unlimited  unlimited  files\n"), None);
        assert_eq!(soft_limit(""), None);
    }
}
