//! Long and strange text: what is read on the other side is what was written.

use agent_desk::Words;

use crate::house::{Chat, House};
use crate::patience::eventually;

/// A family of four in one sign, a flag, Hebrew and Arabic with an override, letters under their accents, a NUL.
const STRANGE: [&str; 4] = [
    "👨‍👩‍👧‍👦 🏳️‍🌈 🇨🇭 👍🏽",
    "שלום עולם مرحبا بالعالم \u{202e}sdrawkcab\u{202c}",
    "e\u{301}a\u{308}\u{304}\u{323} Z\u{351}\u{36b}\u{343}a\u{317}\u{33b}l\u{33f}g\u{321}o 한국어",
    "before\u{0}after",
];

/// Both ways.
pub async fn strange(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    for text in STRANGE {
        chat.customer.says(text).await?;
        arrives_at_desk(&chat, text).await?;
        chat.says(Words::plain(text))?;
        arrives_at_customer(&chat, text).await?;
    }
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(1)?;
    chat.sees([1]).await
}

/// Both ways; in parts where the other side takes no longer ones, which together are the whole.
pub async fn long(house: &House) -> anyhow::Result<()> {
    let chat = house.chat().await?;
    // Each word differs, and a sign that must not be broken stands at every place where a part may end.
    let words = (0..).map(|nth| format!("w{nth}👩‍🚀é ")).scan(0, |length, word| {
        *length += word.chars().count();
        (*length <= 30_000).then_some(word)
    });
    let text: String = words.collect();
    chat.customer.says(text.trim()).await?;
    arrives_at_desk(&chat, &text).await?;
    chat.says(Words::plain(text.trim()))?;
    arrives_at_customer(&chat, &text).await?;
    chat.asks(1, 1).await?;
    chat.hears([1]).await?;
    chat.answers(1)?;
    chat.sees([1]).await
}

async fn arrives_at_desk(chat: &Chat<'_>, text: &str) -> anyhow::Result<()> {
    let wanted = bare(text);
    eventually(format!("{wanted:.60} at the desk"), || async {
        let heard = chat.heard_all();
        let parts = heard.iter().filter_map(|one| one["message"].as_str()).map(bare);
        let whole: String = parts.collect();
        if whole.contains(&wanted) { Ok(()) } else { Err(ending(&whole, &wanted)) }
    })
    .await
}

async fn arrives_at_customer(chat: &Chat<'_>, text: &str) -> anyhow::Result<()> {
    let wanted = bare(text);
    eventually(format!("{wanted:.60} at the customer's side"), || async {
        let posts = chat.house.bot.shown(&chat.customer.conversation);
        // Each part may say again who speaks.
        let parts = posts
            .iter()
            .map(|post| bare(post.text().split_once("**: ").map_or(post.text(), |(_, text)| text)));
        let whole: String = parts.collect();
        if whole.contains(&wanted) { Ok(()) } else { Err(ending(&whole, &wanted)) }
    })
    .await
}

/// Without blanks, which parts end with; without NUL, which some systems cannot keep, and what stands for it; without
/// what Markdown needs to mean the same.
fn bare(text: &str) -> String {
    let kept =
        |char: &char| !char.is_whitespace() && !matches!(char, '\u{0}' | '\u{fffd}' | '\u{2400}' | '\\');
    text.chars().filter(kept).collect()
}

fn ending(whole: &str, wanted: &str) -> String {
    let same = whole.char_indices().zip(wanted.chars()).take_while(|((_, a), b)| a == b).count();
    let end: String = whole.chars().rev().take(200).collect::<Vec<_>>().into_iter().rev().collect();
    format!(
        "{} of {} characters, the first {same} the same, ending {end:?}",
        whole.chars().count(),
        wanted.chars().count()
    )
}
