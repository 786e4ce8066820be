//! The way to a database elsewhere: encrypted, and only to the one whose certificate is trusted.

use std::net::TcpListener;

use handover_store::{Node, PostgresStore, Store, StoreError};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::postgres_cluster::{Cluster, look};

#[tokio::test]
async fn certificates_are_verified() {
    let authority = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let trusted = root.self_signed(&authority).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let names = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &Issuer::new(root, authority)).unwrap().pem();

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cluster = Cluster::start(&format!("listen_addresses = '127.0.0.1'\nport = {port}"));
    for (name, text) in [("server.crt", certificate), ("server.key", key.serialize_pem())] {
        let file = cluster.folder().join("data").join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        cluster.give(&file);
    }
    cluster.configure("ssl = on");
    cluster.crash();
    let roots = cluster.folder().join("roots.pem");
    std::fs::write(&roots, trusted).unwrap();

    let base = format!("postgres://postgres@localhost:{port}/postgres");
    let roots = format!("sslrootcert={}", roots.display());
    let on = async |query: &str| PostgresStore::connect(&format!("{base}?{query}"), Node::default()).await;

    let encrypted = on(&format!("sslmode=verify-full&{roots}")).await.unwrap();
    encrypted.check().await.unwrap();
    let ways = "SELECT DISTINCT ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                WHERE a.application_name = 'handover'";
    assert_eq!(look(&format!("{base}?sslmode=disable"), ways).await, ["t"]);
    drop(encrypted);
    for untrusted in ["sslmode=require", "sslmode=prefer"] {
        let refused = on(untrusted).await.err().unwrap();
        assert!(matches!(refused, StoreError::Database { .. }));
        assert!(refused.to_string().contains("certificate"), "{refused}");
    }
    let elsewhere = base.replace("localhost", "127.0.0.1");
    let refused =
        PostgresStore::connect(&format!("{elsewhere}?sslmode=require&{roots}"), Node::default()).await;
    assert!(refused.is_err(), "another name than the certificate's");
    on("sslmode=disable").await.unwrap().check().await.unwrap();
}
