//! A cluster of one's own: started, restarted both ways, and gone.

use std::net::TcpStream;

use handover_ledger::database::{Cluster, Manner, programs};

#[test]
fn a_cluster_comes_back_from_both_kinds_of_restart() {
    if let Err(none) = programs() {
        println!("not tested: {none}");
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))
        .expect("open to its owner");
    let cluster = Cluster::start(&folder.path().join("database")).expect("a cluster");
    let url = cluster.url();
    let addr = url.split(['@', '/']).nth(3).expect("an address").to_owned();
    for manner in [Manner::Fast, Manner::Immediate] {
        TcpStream::connect(&addr).expect("it takes connections");
        cluster.restart(manner).expect("it comes back");
    }
    TcpStream::connect(&addr).expect("it takes connections");
    drop(cluster);
    assert!(TcpStream::connect(&addr).is_err(), "it is gone");
}
