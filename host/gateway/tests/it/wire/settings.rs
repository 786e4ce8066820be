//! Configuration: what is refused at the start and how it is said, and what overlays what.

use crate::gateway::run;
use crate::house::House;

#[tokio::test]
async fn without_tokens_it_listens_on_this_machine_only_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    for (flag, key) in [("--listen", "gateway.listen"), ("--admin-addr", "gateway.admin")] {
        let out = run(&["serve", "--local", flag, "0.0.0.0:0"], &[], folder.path()).await;
        let text = String::from_utf8(out.stderr).expect("text");
        assert!(!out.status.success(), "{flag}");
        assert!(text.contains(key) && text.contains("0.0.0.0:0"), "{text}");
        assert!(text.contains("127.0.0.1"), "what to do instead: {text}");
    }
}

#[tokio::test]
async fn an_unknown_key_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("handover.toml");
    std::fs::write(&file, "[connectors.contoso.upstreams.api]\nbase_urll = \"http://127.0.0.1:5000\"\n")
        .expect("a configuration");
    // Found where it lies, without being named.
    for arguments in [&["serve"][..], &["serve", "--config", "handover.toml"]] {
        let out = run(arguments, &[], folder.path()).await;
        let text = String::from_utf8(out.stderr).expect("text");
        assert!(!out.status.success());
        assert!(text.contains("handover.toml") && text.contains("base_urll"), "{text}");
        assert!(text.contains("connectors.contoso.upstreams.api"), "{text}");
    }
}

#[tokio::test]
async fn every_mistake_is_in_one_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[gateway]\nlisten = \"0.0.0.0:0\"\n[bot]\nlocal = true\nruntime_hosts = [\"a/b\"]\n\
                  [connectors.contoso.upstreams.api]\nbase_url = \"ftp://vendor.example\"\n";
    std::fs::write(folder.path().join("handover.toml"), config).expect("a configuration");
    let out = run(&["serve"], &[], folder.path()).await;
    let text = String::from_utf8(out.stderr).expect("text");
    assert!(!out.status.success());
    for key in ["bot.local", "bot.runtime_hosts", "connectors.contoso.upstreams.api.base_url"] {
        assert!(text.contains(key), "{key} is not in\n{text}");
    }
}

#[tokio::test]
async fn the_environment_overlays_the_file() {
    let mut house = House::closed("[timing]\nfresh_seconds = 60\n").await;
    let id = "5c1e0f7a-0000-4000-8000-00000000beef";
    house.gateway = crate::gateway::Gateway::new(
        house.folder.path(),
        &[
            ("HANDOVER__BOT__APP_ID", id.to_owned()),
            ("HANDOVER__GATEWAY__PUBLIC_URL", "https://from.environment.example".to_owned()),
            ("HANDOVER__TIMING__FRESH_SECONDS", "30".to_owned()),
        ],
    );
    house.gateway.start().await;
    let (_, manifest) = house.get("/skill-manifest.json").await;
    assert!(manifest.contains(id), "{manifest}");
    assert!(manifest.contains("https://from.environment.example/api/messages"), "{manifest}");

    let folder = tempfile::tempdir().expect("a folder");
    let wrong = [("HANDOVER__BOT__APP_IDD", id)];
    let out = run(&["serve"], &wrong, folder.path()).await;
    let text = String::from_utf8(out.stderr).expect("text");
    assert!(!out.status.success());
    assert!(text.contains("app_idd"), "{text}");
}

#[tokio::test]
async fn nobody_may_call_until_somebody_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = run(&["serve"], &[], folder.path()).await;
    let text = String::from_utf8(out.stderr).expect("text");
    assert!(!out.status.success());
    for key in ["bot.app_id", "bot.tenant_id", "bot.agents", "bot.connection"] {
        assert!(text.contains(key), "{key} is not in\n{text}");
    }
    assert!(text.contains("--local"), "what to do for a try: {text}");
}
