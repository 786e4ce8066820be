//! What a message costs while so many sessions are stored: taking it in, claiming it, settling it.
//!
//! `cargo bench -p handover-store --bench sessions -- --sessions 1000,100000 [--store sqlite|postgres] [--seconds 5]
//! [--spread] [--sealed]`
//!
//! The stores are filled by statements of their own, from documents that the domain has written. Sessions have mostly
//! ended, each with what was said in it; the ones that talk are among those that began last, every second one, as
//! sessions last hours and are kept for days. With `--spread` they stand evenly among all, which is the worst case.
//! With `--sealed` what is written is sealed; what the stores are filled with is not.
//! Names that others give (conversations, vendors' ids, event ids) are scattered. PostgreSQL is started from its
//! installed programs, and flushes each commit, as SQLite does here.
#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement says what is wrong by failing")]

#[path = "../tests/it/postgres_cluster.rs"]
#[allow(dead_code, reason = "the tests need more of it")]
mod postgres_cluster;

use std::sync::Arc;
use std::time::{Duration, Instant};

use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::decision::{Decision, Fate, Settlement};
use handover_handoff::delivery::{Delivery, Direction, Parcel, Receipt};
use handover_handoff::policy::{Env, Policy};
use handover_handoff::session::{EndReason, Phase};
use handover_handoff::turn::{self, Opening, Request, Turn};
use handover_handoff::vendor::{Customer, StartRequest};
use handover_handoff::{ConversationKey, DeliveryId, Session, SessionId, Timestamp};
use handover_store::{
    Capacity, Committed, Key, Keys, Node, Once, PostgresStore, SqliteStore, Store, Subject, Zeroizing,
};
use tokio::task::JoinSet;
use uuid::Uuid;

use postgres_cluster::{Cluster, execute};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
/// How many sessions talk, whatever is stored besides.
const TALKING: u64 = 500;
/// How many deliveries each stored session has had.
const DELIVERIES: u64 = 4;
const AT_ONCE: u64 = 32;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1).cloned());
    let sizes = option("--sessions").unwrap_or_else(|| "1000,100000".to_owned());
    let seconds = option("--seconds").map_or(5, |text| text.parse().unwrap());
    let sizes: Vec<u64> = sizes.split(',').map(|size| size.parse().unwrap()).collect();
    let wanted = option("--store");
    let keys = words.iter().any(|word| word == "--sealed").then(|| {
        let key = Key::new("measured", Zeroizing::new([7; 32])).unwrap();
        Keys::new(key, []).unwrap()
    });
    let spread = words.iter().any(|word| word == "--spread");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("| store | sessions stored | messages/s | µs per message | transact p50 ms | p99 ms |");
    println!("|---|---:|---:|---:|---:|---:|");
    for store in
        ["sqlite", "postgres"].into_iter().filter(|name| wanted.as_deref().is_none_or(|w| w == *name))
    {
        for size in &sizes {
            let size = (*size).max(2 * TALKING);
            let crowd = Crowd { size, step: if spread { size / TALKING } else { 2 } };
            let measured = match store {
                "sqlite" => {
                    let folder = tempfile::tempdir().unwrap();
                    let open = || SqliteStore::open_sealed(folder.path(), keys.clone().unwrap_or_default());
                    drop(open().unwrap());
                    fill_sqlite(&folder.path().join("handover.db"), crowd);
                    runtime.block_on(async { measure(Arc::new(open().unwrap()), crowd, seconds).await })
                }
                _ => {
                    let cluster = Cluster::start(
                        "fsync = on\nshared_buffers = 1GB\nmax_wal_size = 8GB\nwork_mem = 32MB",
                    );
                    let url = cluster.database();
                    runtime.block_on(async {
                        let keys = keys.clone();
                        let node = Node { connections: AT_ONCE as usize, keys, ..Node::default() };
                        drop(PostgresStore::connect(&url, node.clone()).await.unwrap());
                        for sql in fill_postgres(crowd) {
                            execute(format!("{url}&options=-c%20search_path%3Dhandover"), sql).await;
                        }
                        let store = PostgresStore::connect(&url, node).await.unwrap();
                        measure(Arc::new(store), crowd, seconds).await
                    })
                }
            };
            println!("| {store} | {size} | {measured}");
        }
    }
}

/// Who is stored, and who of them talks.
#[derive(Clone, Copy)]
struct Crowd {
    size: u64,
    /// The last one talks, and each that stands so many before one who talks.
    step: u64,
}

impl Crowd {
    fn talker(self, nth: u64) -> u64 {
        self.size - 1 - nth % TALKING * self.step
    }

    /// The same as a condition on `n`.
    fn talks(self) -> String {
        let Self { size, step } = self;
        format!("(({size} - 1 - n) % {step} = 0 AND ({size} - 1 - n) / {step} < {TALKING})")
    }
}

/// A number as somebody else's id: neighbours are far apart, and no two are the same below 2^32.
fn scattered(n: u64) -> String {
    format!("{:08x}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff)
}

/// Talks for a while before it counts.
async fn measure(store: Arc<dyn Store>, crowd: Crowd, seconds: u64) -> String {
    talk(&store, crowd, "warm", Duration::from_secs(2)).await;
    let begun = Instant::now();
    let (carried, mut took) = talk(&store, crowd, "measured", Duration::from_secs(seconds)).await;
    let elapsed = begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!(
        "{:.0} | {:.0} | {:.2} | {:.2} |",
        carried as f64 / elapsed,
        elapsed * 1e6 / carried as f64,
        at(0.5),
        at(0.99)
    )
}

/// Everybody takes messages in, claims what is due and settles it: how many were carried, and how long each took to
/// be taken in.
async fn talk(
    store: &Arc<dyn Store>,
    crowd: Crowd,
    round: &'static str,
    time: Duration,
) -> (u64, Vec<Duration>) {
    let until = Instant::now() + time;
    let mut all = JoinSet::new();
    for worker in 0..AT_ONCE {
        let store = Arc::clone(store);
        all.spawn(async move {
            let (mut carried, mut took, mut turn) = (0_u64, Vec::new(), worker);
            while Instant::now() < until {
                // Scattered, and the same each time.
                turn = turn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let n = crowd.talker(turn >> 33);
                let once =
                    Once { scope: "contoso".to_owned(), key: format!("event {turn:016x} {worker} {round}") };
                let begun = Instant::now();
                let subject = Subject::LookupKey {
                    connector: "contoso".to_owned(),
                    key: format!("chat {}", scattered(n)),
                };
                let done =
                    store.transact(subject, Some(once), NOW, Box::new(|session| says(session.unwrap())));
                assert!(matches!(done.await.unwrap(), Committed::Applied(_)));
                took.push(begun.elapsed());
                for head in store.claim(NOW, Capacity::of(1)).await.unwrap().claims {
                    let mut next = Some(Box::new(head));
                    while let Some(claim) = next {
                        next = settle(&*store, &claim.delivery).await;
                        carried += 1;
                    }
                }
            }
            (carried, took)
        });
    }
    let mut sum = (0, Vec::new());
    while let Some(done) = all.join_next().await {
        let (carried, took) = done.unwrap();
        sum.0 += carried;
        sum.1.extend(took);
    }
    sum
}

/// Something of the vendor's that the customer is to read.
fn says(mut session: Session) -> Decision<()> {
    session.to_customer += 1;
    session.marks.agent = NOW;
    let delivery = delivery(&session, Direction::ToCustomer, session.to_customer);
    let wake = Some(NOW.plus(3_600_000 + session.to_customer));
    Decision { deliveries: vec![delivery], wake, ..becomes(session) }
}

async fn settle(store: &dyn Store, delivery: &Delivery) -> Option<Box<handover_store::Claim>> {
    let settlement = Settlement { delivery: delivery.id, attempt: delivery.attempt, fate: Fate::Done };
    let decider = move |session: Option<Session>| {
        let session = session.unwrap();
        let wake = Some(NOW.plus(3_600_000 + session.to_customer));
        Decision { settlement: Some(settlement.clone()), wake, ..becomes(session) }
    };
    match store.transact(Subject::Session(delivery.session), None, NOW, Box::new(decider)).await.unwrap() {
        Committed::Applied(next) => next,
        Committed::Duplicate => None,
    }
}

fn becomes(session: Session) -> Decision<()> {
    Decision { session: Some(session), ..Decision::nothing(()) }
}

fn delivery(session: &Session, direction: Direction, seq: u64) -> Delivery {
    Delivery {
        id: DeliveryId::of(session.id, direction, seq),
        session: session.id,
        direction,
        seq,
        parcel: Parcel::Receipt { message: "a message of the vendor".repeat(8), receipt: Receipt::Delivered },
        attempt: 1,
        created: NOW,
        due: NOW,
        deadline: NOW.plus(120_000),
        maybe_duplicate: false,
    }
}

/// The document of a session in this phase, with `ID` and `NUMBER` where its own stand.
fn template(phase: Phase) -> String {
    let id = SessionId(Uuid::from_u128(1));
    let route = Route::SkillCallback { base: "https://bot.example/".to_owned() };
    let key = ConversationKey {
        tenant: "tenant".to_owned(),
        channel: "msteams".to_owned(),
        conversation: "conversation NUMBER".to_owned(),
    };
    let turn = Turn {
        address: ReturnAddress {
            to_bot: route.clone(),
            to_customer: route,
            channel: key.channel.clone(),
            conversation: key.conversation.clone(),
            service_url: "https://bot.example/".to_owned(),
            bot: None,
            customer: Account::default(),
            locale: None,
            caller: None,
        },
        key,
        customer: Customer { id: "customer NUMBER".to_owned(), ..Customer::default() },
        activity: Some("activity".to_owned()),
        inline: false,
        request: Request::Start(StartRequest::default()),
    };
    let opening = Opening { id, connector: "contoso".to_owned(), further: Vec::new(), routing: Vec::new() };
    let mut session = turn::decide(None, &turn, opening, Env::new(NOW, &Policy::default())).session.unwrap();
    session.phase = phase;
    session.vendor.lookup_keys = vec!["chat NUMBER".to_owned()];
    session.vendor.state = "what the connector remembers of it ".repeat(10);
    (session.to_vendor, session.to_customer) = (DELIVERIES / 2, DELIVERIES / 2);
    serde_json::to_string(&session).unwrap().replace(&id.to_string(), "ID")
}

/// A stored delivery's parcel.
fn parcel() -> String {
    let session =
        serde_json::from_str(&template(Phase::Active).replace("ID", &Uuid::nil().to_string())).unwrap();
    serde_json::to_string(&delivery(&session, Direction::ToVendor, 1).parcel).unwrap()
}

fn fill_postgres(crowd: Crowd) -> Vec<String> {
    let (active, over) = (template(Phase::Active), template(Phase::Ended(EndReason::LiveAgent)));
    let id = "('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))";
    let name = "lpad(to_hex(n::bigint * 2654435761 & 4294967295), 8, '0')";
    let talks = crowd.talks();
    let numbers = format!("generate_series(0, {} - 1) n", crowd.size);
    vec![
        format!(
            "INSERT INTO sessions (id, tenant, channel, conversation, connector, customer, phase, open, started, ended,
                                   document)
             SELECT {id}::uuid, 'tenant', 'msteams', 'conversation ' || {name}, 'contoso', 'customer ' || n,
                 CASE WHEN {talks} THEN 'active' ELSE 'ended' END, {talks}, {now},
                 CASE WHEN {talks} THEN NULL ELSE {now} END,
                 replace(replace(CASE WHEN {talks} THEN $d${active}$d$ ELSE $d${over}$d$ END, 'ID', {id}), 'NUMBER',
                         {name})
             FROM {numbers}",
            now = NOW.0
        ),
        format!("INSERT INTO lookup_keys SELECT 'contoso', 'chat ' || {name}, {id}::uuid FROM {numbers}"),
        format!("INSERT INTO timers SELECT {id}::uuid, {} FROM {numbers} WHERE {talks}", NOW.0 + 3_600_000),
        format!("INSERT INTO inbox SELECT 'contoso', 'event ' || {name}, {} FROM {numbers}", NOW.0),
        format!(
            "INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, deadline, maybe_duplicate,
                                     settled, parcel)
             SELECT {id}::uuid, direction, seq, 'done', 1, {now}, {now}, {now}, false, {now}, $d${parcel}$d$
             FROM {numbers}, unnest(ARRAY['to-customer', 'to-vendor']) direction, generate_series(1, {each}) seq",
            now = NOW.0,
            parcel = parcel(),
            each = DELIVERIES / 2,
        ),
        // What vacuum would do while it is measured.
        "VACUUM ANALYZE sessions".to_owned(),
        "VACUUM ANALYZE deliveries".to_owned(),
        "VACUUM ANALYZE inbox".to_owned(),
        "VACUUM ANALYZE lookup_keys".to_owned(),
        "CHECKPOINT".to_owned(),
    ]
}

fn fill_sqlite(file: &std::path::Path, crowd: Crowd) {
    let (active, over) = (template(Phase::Active), template(Phase::Ended(EndReason::LiveAgent)));
    let id = "('01900000-0000-7000-8000-' || printf('%012x', n))";
    let name = "printf('%08x', n * 2654435761 & 4294967295)";
    let talks = crowd.talks();
    let numbers = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {})",
        crowd.size
    );
    let db = rusqlite::Connection::open(file).unwrap();
    let sql = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         {numbers} INSERT INTO sessions (id, tenant, channel, conversation, connector, customer, phase, open, started,
                                         ended, wake, document)
             SELECT {id}, 'tenant', 'msteams', 'conversation ' || {name}, 'contoso', 'customer ' || n,
                 CASE WHEN {talks} THEN 'active' ELSE 'ended' END, {talks}, {now},
                 CASE WHEN {talks} THEN NULL ELSE {now} END, CASE WHEN {talks} THEN {wake} END,
                 replace(replace(CASE WHEN {talks} THEN '{active}' ELSE '{over}' END, 'ID', {id}), 'NUMBER', {name})
             FROM numbers;
         {numbers} INSERT INTO lookup_keys SELECT 'contoso', 'chat ' || {name}, {id} FROM numbers;
         {numbers} INSERT INTO inbox SELECT 'contoso', 'event ' || {name}, {now} FROM numbers;
         {numbers} INSERT INTO deliveries (session, direction, seq, status, attempt, created, due, deadline,
                                           maybe_duplicate, settled, parcel)
             SELECT {id}, direction.column1, seq.column1, 'done', 1, {now}, {now}, {now}, 0, {now}, '{parcel}'
             FROM numbers, (VALUES ('to-customer'), ('to-vendor')) direction, (VALUES (1), (2)) seq;
         COMMIT; PRAGMA wal_checkpoint(TRUNCATE);",
        now = NOW.0,
        wake = NOW.0 + 3_600_000,
        parcel = parcel(),
    );
    db.execute_batch(&sql).unwrap();
    // The disk must not be busy with it any more when it is measured.
    std::fs::File::open(file).unwrap().sync_all().unwrap();
}
