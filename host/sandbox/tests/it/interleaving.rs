//! Files are written, broken, finished, deleted in any order while calls are made: no call fails because of it, and what
//! has served once is never un-served.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::house::{House, built, eventually, serving, version};
use crate::people::{callback, say};

const STEPS: usize = 60;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

fn step(dice: &mut Dice, file: &Path, beside: &Path) -> String {
    let number = 1 + dice.roll(2);
    let good = built(&format!("echo-v{number}"));
    match dice.roll(8) {
        0 => {
            fs::write(file, &good).unwrap();
            format!("v{number} over it")
        }
        1 => {
            fs::write(beside, &good).unwrap();
            fs::rename(beside, file).unwrap();
            format!("v{number} renamed over it")
        }
        2 => {
            let length = usize::try_from(dice.roll(good.len() as u64)).unwrap();
            fs::write(file, &good[..length]).unwrap();
            format!("{length} bytes of v{number}")
        }
        3 => {
            let length = good.len() / 2;
            fs::write(file, &good[..length]).unwrap();
            std::thread::sleep(Duration::from_millis(dice.roll(200)));
            fs::write(file, &good).unwrap();
            format!("half of v{number}, then all")
        }
        4 => {
            fs::write(file, b"text").unwrap();
            "text".to_owned()
        }
        5 => {
            fs::write(file, built("traps-in-describe")).unwrap();
            "one that traps".to_owned()
        }
        6 => {
            drop(fs::remove_file(file));
            "removed".to_owned()
        }
        _ => {
            drop(fs::remove_file(file));
            std::thread::sleep(Duration::from_millis(dice.roll(800)));
            fs::write(file, &good).unwrap();
            format!("removed, then v{number}")
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_of_events_un_serves_a_good_version() {
    let seed = match std::env::var("HANDOVER_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64,
    };
    println!("HANDOVER_SEED={seed} does the same again");
    let mut house = House::new();
    house.grant("a", "http://127.0.0.1:1");
    house.put("a.wasm", &built("echo-v1"));
    let sandbox = house.open().await;
    let over = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = (0..3)
        .map(|_| {
            let (sandbox, over, made) = (Arc::clone(&sandbox), Arc::clone(&over), Arc::clone(&made));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    let connector = serving(&sandbox, "a");
                    let number = connector.description().version.clone();
                    assert!(number == "1.0.0" || number == "2.0.0");
                    let state = say(&connector, "hello").await.expect("no call fails because of a reload");
                    assert_eq!(state, format!("before|{number}:hello"));
                    connector.map(callback("message k hello")).await.expect("nor does a callback");
                    made.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let (file, beside): (PathBuf, PathBuf) = (house.file("a.wasm"), house.beside("new"));
    let mut dice = Dice(seed);
    for number in 0..STEPS {
        let (target, aside, mut own) = (file.clone(), beside.clone(), Dice(dice.roll(u64::MAX)));
        let done = tokio::task::spawn_blocking(move || step(&mut own, &target, &aside)).await.unwrap();
        println!("{number}: {done}");
        // Any pause is as good as any other: none is waited for.
        tokio::time::sleep(Duration::from_millis(dice.roll(250))).await;
    }
    for (bytes, number) in [(built("echo-v2"), "2.0.0"), (built("echo-v1"), "1.0.0")] {
        fs::write(&file, bytes).unwrap();
        eventually(&sandbox, number, || version(&sandbox, "a").as_deref() == Some(number)).await;
    }
    eventually(&sandbox, "sessions are taken", || sandbox.takes_sessions("a")).await;
    fs::remove_file(&file).unwrap();
    eventually(&sandbox, "none are taken", || !sandbox.takes_sessions("a")).await;
    over.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap_or_else(|e| panic!("with HANDOVER_SEED={seed}: {e}"));
    }
    assert!(made.load(Ordering::Relaxed) > STEPS);
}
