//! Matrix: an application service of a homeserver. `proof/matrix` plays the like with a real one.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use agent_desk::{Desk, Fault, Kind};
use matrix_simulator::{Config, Running};

use super::{Scene, Simulator, Step, Trouble, Vendor};
use crate::Row;
use crate::house::{Gateway, callbacks};

/// Matrix.
pub const VENDOR: Vendor = Vendor {
    name: "matrix",
    open: |scene| Box::pin(open(scene)),
    requests,
    cannot,
    knows_messages: true,
    knows_starts: true,
};

/// The simulated homeserver, with the tokens that everybody knows.
struct Matrix {
    running: Running,
    scene: Scene,
}

async fn open(scene: Scene) -> anyhow::Result<Box<dyn Simulator>> {
    let config = Config {
        addr: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        url: String::new(),
        pause: Duration::from_millis(200),
        longest_pause: Duration::from_millis(200),
        // A room is looked up by its alias only where it may be there already.
        loses_creations: matches!(scene.request, Some("start.alias" | "state")),
        // Only who has come can be removed.
        joins_at_once: scene.request == Some("end.kick"),
        ..Config::default()
    };
    let running = matrix_simulator::serve(config, std::future::pending()).await?;
    Ok(Box::new(Matrix { running, scene }))
}

impl Simulator for Matrix {
    fn desk(&self) -> &Desk {
        self.running.desk()
    }

    fn config(&self) -> String {
        let (known, scene) = (Config::default(), &self.scene);
        let asks = scene.row == Row::NoAgents || scene.request == Some("availability");
        let gathers = asks || matches!(scene.request, Some("start.join" | "members"));
        let agents = if gathers {
            format!("agents_room = \"{}\"", self.running.staff_room())
        } else {
            format!("agents = [\"@amber.okafor:{0}\", \"@ben.idris:{0}\"]", known.server_name)
        };
        // Rows about callbacks are about what transactions bring.
        let pushed = matches!(scene.row, Row::Duplicated | Row::Reordered | Row::LostAnswers);
        let timeline = if pushed { "transactions" } else { "history" };
        let kicks = scene.row.step() == Some(Step::End);
        format!(
            "[connectors.matrix.upstreams.homeserver]\nbase_url = \"{}\"\nallow_private = true\n\
             [connectors.matrix.credentials.as_token]\nkind = \"bearer\"\ntoken = \"file:as_token\"\n\
             [connectors.matrix.credentials.hs_token]\nkind = \"key\"\nvalue = \"file:hs_token\"\n\
             [connectors.matrix.settings]\nserver_name = \"{}\"\n{agents}\npresence = {asks}\n\
             timeline = \"{timeline}\"\nlook_ms = 500\nkick_agents = {kicks}\n\
             end_when_agent_leaves = false\n",
            self.running.url(),
            known.server_name,
        )
    }

    fn secrets(&self) -> Vec<(&'static str, &'static str)> {
        vec![("as_token", "simulated-as-token"), ("hs_token", "simulated-hs-token")]
    }

    fn echoes(&self) -> bool {
        true
    }

    /// Who is not in a room may do nothing in it (client-server API, `M_FORBIDDEN`).
    fn says_gone(&self) -> &'static [u16] {
        &[403, 404]
    }

    /// In transactions and in a room's history.
    fn told(&self) -> Vec<String> {
        let wire = self.desk().wire();
        let taken = |status: Option<u16>| status.is_some_and(|status| status < 300);
        let mut told: Vec<(u64, String)> = Vec::new();
        told.extend(
            wire.webhooks()
                .into_iter()
                .filter(|one| taken(one.status))
                .map(|one| (one.number, one.body.to_string())),
        );
        let looks = wire.requests().into_iter().filter(|one| one.operation == "look" && taken(one.status));
        told.extend(looks.map(|one| (one.number, one.answer.to_string())));
        told.sort();
        told.into_iter().map(|(_, told)| told).collect()
    }

    fn point_at(&self, gateway: &Gateway) {
        self.running.set_url(&callbacks(gateway, "matrix"));
    }

    fn trouble(&self, trouble: Trouble) -> anyhow::Result<()> {
        let fault = match trouble {
            Trouble::Twice => Fault::new("webhook*", Kind::Duplicate),
            // Transactions never change places; one that is forgotten is overtaken by the next, and comes with history.
            Trouble::Swapped => {
                self.running.forget_next_transaction();
                return Ok(());
            }
            Trouble::Unanswered => Fault::new("webhook.message", Kind::DropAnswer).times(1),
        };
        Ok(self.desk().set_faults([fault])?)
    }
}

fn requests(step: Step) -> &'static [&'static str] {
    match step {
        Step::Start => &[
            "availability",
            "start.register",
            "start.name",
            "start.device",
            "start.room",
            "start.alias",
            "state",
            "notice",
            "start.join",
            "members",
            "start.invite",
        ],
        // Who was here before has a user, and gets another room.
        Step::Return => &["start.register", "start.name", "start.device", "start.room"],
        Step::Message => &["send"],
        Step::FileToAgent => &["upload", "send"],
        Step::FileToCustomer => &["download"],
        Step::Typing => &["typing"],
        Step::Notice => &["notice"],
        Step::Look => &["look"],
        Step::End => &["notice", "members", "end.kick", "end.leave"],
        Step::SignIn | Step::Doubt | Step::Receipt | Step::Renewal => &[],
    }
}

fn cannot(row: Row) -> Option<&'static str> {
    match row {
        Row::Queue => {
            Some("rooms have members, and no queue before them (client-server API, \"Room membership\")")
        }
        Row::Delivered => Some("receipts know *read* only (client-server API, \"Receipts\")"),
        _ => None,
    }
}
