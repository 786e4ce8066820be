//! A changed file serves the next call, however it came to be changed; the one before it serves until then.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use handover_sandbox::status::State;
use handover_sandbox::{Limits, Sandbox};

use crate::house::{House, built, eventually, refusal, serving, shown, version};
use crate::people::say;
use crate::vendor::Vendor;

/// One way in which people and tools change a file: how it lies there first, and what is done then. Both get the
/// drop-in folder and one beside it.
struct Way {
    name: &'static str,
    first: fn(&Path, &Path),
    then: fn(&Path, &Path),
}

fn v1() -> Vec<u8> {
    built("echo-v1")
}

fn v2() -> Vec<u8> {
    built("echo-v2")
}

fn write(file: impl AsRef<Path>, bytes: &[u8]) {
    fs::write(file, bytes).unwrap();
}

fn plain(folder: &Path, _: &Path) {
    write(folder.join("a.wasm"), &v1());
}

fn run(program: &str, arguments: &[&Path]) {
    assert!(Command::new(program).args(arguments).status().unwrap().success());
}

/// As a Kubernetes volume lays out a ConfigMap: the file is a link through a link to a folder.
fn volume(folder: &Path, _: &Path) {
    fs::create_dir(folder.join("..v1")).unwrap();
    write(folder.join("..v1/a.wasm"), &v1());
    std::os::unix::fs::symlink("..v1", folder.join("..data")).unwrap();
    std::os::unix::fs::symlink("..data/a.wasm", folder.join("a.wasm")).unwrap();
}

fn linked(folder: &Path, beside: &Path) {
    write(beside.join("one.wasm"), &v1());
    std::os::unix::fs::symlink(beside.join("one.wasm"), folder.join("a.wasm")).unwrap();
}

const WAYS: &[Way] = &[
    Way { name: "cp over it", first: plain, then: |folder, _| write(folder.join("a.wasm"), &v2()) },
    Way {
        name: "a slow copy in pieces",
        first: plain,
        then: |folder, _| {
            let mut file = fs::File::create(folder.join("a.wasm")).unwrap();
            for piece in v2().chunks(20_000) {
                file.write_all(piece).unwrap();
                // Longer than a file must be quiet: it is taken for whole in between, and refused.
                std::thread::sleep(Duration::from_millis(150));
            }
        },
    },
    Way {
        name: "mv from elsewhere",
        first: plain,
        then: |folder, beside| {
            write(beside.join("new"), &v2());
            fs::rename(beside.join("new"), folder.join("a.wasm")).unwrap();
        },
    },
    Way {
        name: "a temporary file renamed over it",
        first: plain,
        then: |folder, _| {
            write(folder.join("a.wasm.tmp"), &v2());
            fs::rename(folder.join("a.wasm.tmp"), folder.join("a.wasm")).unwrap();
        },
    },
    Way {
        name: "rm and a hard link",
        first: plain,
        then: |folder, beside| {
            write(beside.join("new"), &v2());
            fs::remove_file(folder.join("a.wasm")).unwrap();
            fs::hard_link(beside.join("new"), folder.join("a.wasm")).unwrap();
        },
    },
    Way {
        name: "install",
        first: plain,
        then: |folder, beside| {
            write(beside.join("new"), &v2());
            run("install", &[Path::new("-m644"), &beside.join("new"), &folder.join("a.wasm")]);
        },
    },
    Way {
        name: "cp that keeps the time",
        first: plain,
        then: |folder, beside| {
            write(beside.join("new"), &v2());
            let then = fs::metadata(folder.join("a.wasm")).unwrap().modified().unwrap();
            fs::File::open(beside.join("new")).unwrap().set_modified(then).unwrap();
            run("cp", &[Path::new("--preserve=timestamps"), &beside.join("new"), &folder.join("a.wasm")]);
        },
    },
    Way {
        name: "a link put in its place",
        first: plain,
        then: |folder, beside| {
            write(beside.join("two.wasm"), &v2());
            fs::remove_file(folder.join("a.wasm")).unwrap();
            std::os::unix::fs::symlink(beside.join("two.wasm"), folder.join("a.wasm")).unwrap();
        },
    },
    Way {
        name: "a link retargeted",
        first: linked,
        then: |folder, beside| {
            write(beside.join("two.wasm"), &v2());
            std::os::unix::fs::symlink(beside.join("two.wasm"), folder.join("link")).unwrap();
            fs::rename(folder.join("link"), folder.join("a.wasm")).unwrap();
        },
    },
    Way {
        // No event tells of it.
        name: "a link's target written",
        first: linked,
        then: |_, beside| write(beside.join("one.wasm"), &v2()),
    },
    Way {
        name: "a Kubernetes volume swapped",
        first: volume,
        then: |folder, _| {
            fs::create_dir(folder.join("..v2")).unwrap();
            write(folder.join("..v2/a.wasm"), &v2());
            std::os::unix::fs::symlink("..v2", folder.join("..data_tmp")).unwrap();
            fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
            fs::remove_dir_all(folder.join("..v1")).unwrap();
        },
    },
    Way {
        name: "the folder deleted and made anew",
        first: plain,
        then: |folder, _| {
            fs::remove_dir_all(folder).unwrap();
            fs::create_dir(folder).unwrap();
            write(folder.join("a.wasm"), &v2());
        },
    },
    Way {
        name: "the folder put in another's place",
        first: plain,
        then: |folder, beside| {
            fs::create_dir(beside.join("next")).unwrap();
            write(beside.join("next/a.wasm"), &v2());
            fs::rename(folder, beside.join("before")).unwrap();
            fs::rename(beside.join("next"), folder).unwrap();
        },
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whichever_way_a_file_changes_the_new_version_serves_and_the_old_one_until_then() {
    for way in WAYS {
        let mut house = House::new();
        house.grant("a", "http://127.0.0.1:1");
        let beside = house.beside("elsewhere");
        fs::create_dir(&beside).unwrap();
        (way.first)(&house.folder, &beside);
        let sandbox = house.open().await;
        assert_eq!(version(&sandbox, "a").as_deref(), Some("1.0.0"), "{}", way.name);
        let watching = Watching::begin(&sandbox);
        let (folder, aside, then) = (house.folder.clone(), beside.clone(), way.then);
        tokio::task::spawn_blocking(move || then(&folder, &aside)).await.unwrap();
        eventually(&sandbox, way.name, || version(&sandbox, "a").as_deref() == Some("2.0.0")).await;

        // A broken file in the same place changes nothing, and is shown beside what serves.
        write(house.file("a.wasm"), &v1()[..50_000]);
        eventually(&sandbox, way.name, || refusal(&sandbox, "a").is_some()).await;
        assert_eq!(version(&sandbox, "a").as_deref(), Some("2.0.0"), "{}", way.name);
        assert!(shown(&sandbox, "a", State::Active).unwrap().reason.unwrap().contains("goes on serving"));
        assert!(sandbox.takes_sessions("a"), "{}", way.name);
        let seen = watching.end().await;
        assert_eq!(seen, ["1.0.0", "2.0.0"], "{}", way.name);
    }
}

/// Calls a connector all the time, and notes which versions answered.
struct Watching {
    over: Arc<AtomicBool>,
    seen: tokio::task::JoinHandle<Vec<String>>,
}

impl Watching {
    fn begin(sandbox: &Arc<Sandbox>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (sandbox, ended) = (Arc::clone(sandbox), Arc::clone(&over));
        let seen = tokio::spawn(async move {
            let mut seen: Vec<String> = Vec::new();
            while !ended.load(Ordering::Relaxed) {
                let state = say(&serving(&sandbox, "a"), "hello").await.unwrap();
                let version = state.trim_start_matches("before|").trim_end_matches(":hello").to_owned();
                if seen.last() != Some(&version) {
                    seen.push(version);
                }
                tokio::task::yield_now().await;
            }
            seen
        });
        Self { over, seen }
    }

    async fn end(self) -> Vec<String> {
        self.over.store(true, Ordering::Relaxed);
        self.seen.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_touched_is_not_changed() {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    let before = serving(&sandbox, "a");
    for (round, touch) in ["touch", "chmod"].into_iter().enumerate() {
        match touch {
            "touch" => run("touch", &[&house.file("a.wasm")]),
            _ => run("chmod", &[Path::new("600"), &house.file("a.wasm")]),
        }
        // Written after it and decided on: by then the touched file was looked at too, twice.
        let marker = format!("marker-{round}");
        house.put(&format!("{marker}.wasm"), b"marker");
        eventually(&sandbox, "the marker is refused", || refusal(&sandbox, &marker).is_some()).await;
        eventually(&sandbox, "all is decided", || {
            sandbox.status().iter().all(|line| matches!(line.state, State::Active | State::Rejected))
        })
        .await;
        assert!(Arc::ptr_eq(&before, &serving(&sandbox, "a")), "{touch}");
        assert!(sandbox.takes_sessions("a") && refusal(&sandbox, "a").is_none(), "{touch}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_under_way_end_on_the_version_they_began_with() {
    let vendor = Vendor::new().await;
    let mut house = House::new();
    house.grant("a", &vendor.base);
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    let old = serving(&sandbox, "a");
    let calls: Vec<_> = (0..5)
        .map(|_| {
            let old = Arc::clone(&old);
            tokio::spawn(async move { say(&old, "wait at the gate").await })
        })
        .collect();
    vendor.at_the_gate(5).await;
    drop(old);
    house.put("a.wasm", &v2());
    eventually(&sandbox, "the new version serves", || version(&sandbox, "a").as_deref() == Some("2.0.0"))
        .await;
    assert_eq!(shown(&sandbox, "a", State::Draining).unwrap().version.as_deref(), Some("1.0.0"));
    assert_eq!(say(&serving(&sandbox, "a"), "new").await.unwrap(), "before|2.0.0:new");
    vendor.open_the_gate();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap(), "before|1.0.0:wait at the gate");
    }
    eventually(&sandbox, "the old version is gone", || shown(&sandbox, "a", State::Draining).is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_quick_versions_the_last_serves() {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    for _ in 0..5 {
        for (bytes, number) in [(v2(), "2.0.0"), (v1(), "1.0.0")] {
            house.put("a.wasm", &bytes);
            house.put("a.wasm", &v1()[..10_000]);
            house.put("a.wasm", &bytes);
            eventually(&sandbox, number, || version(&sandbox, "a").as_deref() == Some(number)).await;
        }
    }
    eventually(&sandbox, "nothing is left of the broken ones", || refusal(&sandbox, "a").is_none()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_bad_file_leaves_the_good_version_serving() {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    let before = serving(&sandbox, "a");
    for (bytes, why) in [
        (v2()[..8].to_vec(), "is not built for the world"),
        (v2()[..60_000].to_vec(), "is no valid component"),
        (b"text".to_vec(), "is no WebAssembly file"),
        (built("other-world"), "is not built for the world"),
        (built("traps-in-describe"), "who am I?"),
        (built("loops-in-describe"), "took longer"),
        (built("asks-for-ungranted-upstream"), "billing"),
    ] {
        house.put("a.wasm", &bytes);
        eventually(&sandbox, why, || refusal(&sandbox, "a").is_some_and(|reason| reason.contains(why))).await;
        assert!(Arc::ptr_eq(&before, &serving(&sandbox, "a")), "{why}");
        assert_eq!(say(&before, "on").await.unwrap(), "before|1.0.0:on", "{why}");
    }
    house.put("a.wasm", &v2());
    eventually(&sandbox, "a good one after all", || version(&sandbox, "a").as_deref() == Some("2.0.0")).await;
    assert_eq!(refusal(&sandbox, "a"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_takes_long_to_prove_holds_up_no_other() {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    for n in 0..20 {
        house.put(&format!("slow-{n}.wasm"), &built("loops-in-describe"));
    }
    eventually(&sandbox, "they are being proved", || shown(&sandbox, "slow-0", State::Checking).is_some())
        .await;
    house.put("a.wasm", &v2());
    eventually(&sandbox, "a serves", || version(&sandbox, "a").as_deref() == Some("2.0.0")).await;
    // One after the other they would take forty seconds; all of them are still at it, or were at the same time.
    eventually(&sandbox, "all are refused", || {
        (0..20).all(|n| refusal(&sandbox, &format!("slow-{n}")).is_some())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_comes_back_is_listened_at_again() {
    let mut house = House::new();
    // So rarely that only an event can tell.
    house.poll = Duration::from_secs(24 * 60 * 60);
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &v1());
    let sandbox = house.open().await;
    fs::remove_dir_all(&house.folder).unwrap();
    assert!(sandbox.takes_sessions("a"), "a folder that is not there says nothing of what is in it");
    fs::create_dir(&house.folder).unwrap();
    house.put("a.wasm", &v2());
    eventually(&sandbox, "the new folder is seen", || version(&sandbox, "a").as_deref() == Some("2.0.0"))
        .await;
    // By now nobody looks any more without being told. Without this pause the test would pass too, but say less.
    tokio::time::sleep(Duration::from_millis(500)).await;
    house.put("a.wasm", &v1());
    eventually(&sandbox, "and heard", || version(&sandbox, "a").as_deref() == Some("1.0.0")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_folder_may_be_a_link_and_lead_elsewhere() {
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    let (one, two) = (house.beside("one"), house.beside("two"));
    for (folder, bytes) in [(&one, v1()), (&two, v2())] {
        fs::create_dir(folder).unwrap();
        write(folder.join("a.wasm"), &bytes);
    }
    fs::remove_dir(&house.folder).unwrap();
    std::os::unix::fs::symlink(&one, &house.folder).unwrap();
    let sandbox = house.open().await;
    assert_eq!(version(&sandbox, "a").as_deref(), Some("1.0.0"));
    std::os::unix::fs::symlink(&two, house.beside("link")).unwrap();
    fs::rename(house.beside("link"), &house.folder).unwrap();
    eventually(&sandbox, "the other folder", || version(&sandbox, "a").as_deref() == Some("2.0.0")).await;
}

#[tokio::test]
async fn a_sandbox_that_nobody_holds_is_gone() {
    let vendor = Vendor::new().await;
    let (house, sandbox, generation) = House::with("echo-v1", &vendor.base, Limits::default()).await;
    let gone = Arc::downgrade(&sandbox);
    drop(sandbox);
    assert!(gone.upgrade().is_none());
    // A call that is under way needs no sandbox.
    assert_eq!(say(&generation, "on").await.unwrap(), "before|1.0.0:on");
    drop(house);
}
