//! How much a call hands back: what the host would have to keep and carry.

use crate::bindings::exports::handover::connector::{callback, descriptor, feed, handoff};
use crate::bindings::handover::connector::types as wit;

pub(crate) fn started(started: &handoff::Started) -> usize {
    started.state.len()
        + text(&started.tokens)
        + texts(&started.lookup_keys)
        + started.events.iter().map(event).sum::<usize>()
}

pub(crate) fn progress(progress: &handoff::Progress) -> usize {
    progress.state.len() + text(&progress.tokens)
}

pub(crate) fn sent(sent: &handoff::Sent) -> usize {
    text(&sent.vendor_message_id) + update(&sent.update)
}

pub(crate) fn update(update: &wit::Update) -> usize {
    text(&update.state) + text(&update.tokens)
}

pub(crate) fn mapped(mapped: &callback::Mapped) -> usize {
    let answers = mapped.answer.iter().chain(&mapped.answer_when_closed);
    let events = mapped
        .events
        .iter()
        .map(|item| size_of_val(item) + item.lookup_key.len() + text(&item.dedupe_id) + event(&item.event));
    answers.map(answer).sum::<usize>() + events.sum::<usize>()
}

pub(crate) fn batch(batch: &feed::Batch) -> usize {
    let items = batch.items.iter().map(|item| size_of_val(item) + item.dedupe_id.len() + event(&item.event));
    items.sum::<usize>() + batch.cursor.len() + update(&batch.update)
}

pub(crate) fn description(told: &descriptor::Description) -> usize {
    let credentials = told.credentials.iter().map(|credential| {
        size_of_val(credential) + credential.name.len() + credential.kinds.len() + credential.help.len()
    });
    let upstreams = told.upstreams.iter().map(|upstream| {
        size_of_val(upstream)
            + upstream.name.len()
            + text(&upstream.default_base_url)
            + texts(&upstream.further_hosts)
            + text(&upstream.credential)
            + upstream.help.len()
    });
    let callbacks = told.callbacks.iter().map(|route| {
        size_of_val(route)
            + route.path.len()
            + texts(&route.methods)
            + size_of_val(route.verification.as_slice())
            + route.verification.iter().map(verification).sum::<usize>()
    });
    told.name.len()
        + told.version.len()
        + told.vendor.len()
        + told.config_schema.len()
        + size_of_val(told.limits.text_formats.as_slice())
        + texts(&told.limits.attachment_types)
        + credentials.sum::<usize>()
        + upstreams.sum::<usize>()
        + callbacks.sum::<usize>()
}

fn verification(told: &descriptor::Verification) -> usize {
    use descriptor::Verification as Told;
    match told {
        Told::Hmac(hmac) => {
            hmac.credential.len()
                + hmac.header.len()
                + hmac.prefix.len()
                + text(&hmac.timestamp_header)
                + hmac.opening.len()
                + hmac.separator.len()
        }
        Told::SharedSecret(secret) => secret.credential.len() + secret.header.len() + secret.prefix.len(),
        Told::Rsa(rsa) => rsa.credential.len() + rsa.header.len(),
        Told::Basic(name)
        | Told::BearerJwt(name)
        | Told::StandardWebhooks(name)
        | Told::ClientCertificate(name) => name.len(),
        Told::AwsSns | Told::None => 0,
    }
}

fn answer(answer: &callback::Answer) -> usize {
    let headers = answer.headers.iter();
    let headers = headers.map(|header| size_of_val(header) + header.name.len() + header.value.len());
    answer.body.len() + headers.sum::<usize>()
}

fn event(event: &wit::Event) -> usize {
    let held = match event {
        wit::Event::Message(message) | wit::Event::MessageEdited(message) => agent_message(message),
        wit::Event::MessageDeleted(id) | wit::Event::IdentityChanged(id) => id.len(),
        wit::Event::Typing(typing) => typing.author.as_ref().map_or(0, participant),
        wit::Event::Joined(who) | wit::Event::Left(who) => participant(who),
        wit::Event::Transferred(transfer) => {
            let both = transfer.from_participant.iter().chain(&transfer.to_participant);
            both.map(participant).sum::<usize>() + text(&transfer.queue)
        }
        wit::Event::Queued(status) => text(&status.text),
        wit::Event::Routed(wit::RoutingResult::Failed(why)) | wit::Event::Ignored(why) => why.len(),
        wit::Event::Routed(_) => 0,
        wit::Event::Delivery(delivery) => {
            let why = match &delivery.status {
                wit::DeliveryStatus::Failed(why) => why.len(),
                wit::DeliveryStatus::Delivered | wit::DeliveryStatus::Read => 0,
            };
            delivery.message_id.len() + why
        }
        wit::Event::Ended(ended) => text(&ended.detail),
        wit::Event::ControlReturned(why) => text(why),
        wit::Event::Reference(keys) => texts(keys),
    };
    size_of_val(event) + held
}

fn agent_message(message: &wit::AgentMessage) -> usize {
    let files = message
        .attachments
        .iter()
        .map(|file| size_of_val(file) + file.name.len() + file.content_type.len() + file.url.len());
    text(&message.id)
        + participant(&message.author)
        + message.text.len()
        + files.sum::<usize>()
        + text(&message.reply_to)
}

fn participant(who: &wit::Participant) -> usize {
    text(&who.id) + text(&who.name) + text(&who.role) + text(&who.avatar_url)
}

fn text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

fn texts(texts: &[String]) -> usize {
    size_of_val(texts) + texts.iter().map(String::len).sum::<usize>()
}
