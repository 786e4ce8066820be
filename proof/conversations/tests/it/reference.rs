//! The whole column of the reference, with the committed component. It needs the gateway's program beside the tests.

use std::path::{Path, PathBuf};

use handover_conversations::cli::Options;
use handover_conversations::run;

#[tokio::test]
async fn the_reference_holds_in_every_row() {
    // Beside the folder of the test's own program; where it was not built (`cargo build -p handover`), nothing can be said.
    let own = std::env::current_exe().unwrap();
    let binary = own.parent().and_then(Path::parent).unwrap().join("handover");
    assert!(binary.exists(), "no gateway at {}: cargo build -p handover", binary.display());
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("HANDOVER_CONNECTORS").unwrap_or_else(|| "connectors/installed".into());
    let options = Options {
        vendor: vec!["contoso".to_owned()],
        row: Vec::new(),
        markdown: false,
        jobs: 4,
        binary: Some(binary),
        connectors: project.join(PathBuf::from(folder)),
        zendesk_schema: None,
        requests: None,
        keep: None,
    };
    let table = run::run(&options).await.unwrap();
    assert!(table.holds(), "{}", table.plain());
}
