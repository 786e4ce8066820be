//! What every store owes its callers, and what each engine owes besides.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

mod commits;
mod crowds;
mod held;
mod keys;
mod lanes;
mod on_sqlite;
mod premises;
mod timers;

/// Runs the contract on an engine: the expression makes premises with nothing in them.
macro_rules! contract {
    ($premises:expr) => {
        crate::contract! { $premises;
            commits::what_is_committed_is_there_when_it_is_opened_again,
            commits::nothing_is_written_where_the_session_stays_as_it_is,
            commits::a_second_open_session_is_refused_whoever_asks,
            commits::a_decision_that_cannot_be_written_harms_nobody_else,
            commits::a_decider_that_panics_harms_nobody_else,
            commits::what_is_to_take_effect_once_does,
            commits::what_had_no_effect_may_come_again,
            commits::what_failed_may_come_again,
            commits::whoever_waits_is_woken,
            commits::verdicts_come_back,
            commits::it_serves,
            commits::everything_is_counted,
            lanes::only_the_head_is_handed_out_and_once,
            lanes::a_settlement_hands_out_the_next,
            lanes::what_is_dead_lets_the_next_go_on,
            lanes::a_retry_keeps_its_place_and_its_time,
            lanes::a_retry_that_is_due_comes_back_at_once,
            lanes::a_step_is_no_attempt,
            lanes::directions_do_not_wait_for_each_other,
            lanes::lanes_are_claimed_in_the_order_they_are_due,
            lanes::a_claimer_that_vanishes_loses_its_lane,
            lanes::a_late_settlement_changes_nothing,
            lanes::what_is_posted_with_a_settlement_follows_it,
            lanes::an_idle_store_has_nothing_next,
            lanes::a_gap_or_a_repetition_is_refused,
            held::what_is_held_is_taken_and_never_claimed,
            held::what_is_taken_has_arrived,
            held::what_waits_behind_it_goes_on,
            held::what_was_held_goes_out_once_there_is_a_way,
            keys::a_session_is_found_by_its_keys,
            keys::keys_of_different_connectors_never_meet,
            keys::a_key_that_is_used_again_names_the_newer_session,
            keys::further_keys_do_not_take_others_back,
            keys::a_key_that_is_replaced_is_found,
            keys::a_conversation_names_its_open_session_else_its_latest,
            keys::conversations_of_different_tenants_and_channels_never_meet,
            timers::a_timer_is_listed_until_it_is_set_anew,
            timers::more_than_the_limit_is_not_forgotten,
            timers::what_is_next_is_the_earliest_of_all,
            crowds::nothing_is_lost_and_order_holds,
            crowds::workers_share_the_lanes,
            crowds::one_of_many_starts_opens_the_session,
        }
    };
    ($premises:expr; $($room:ident :: $rule:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                crate::$room::$rule(&$premises).await;
            }
        )*
    };
}
pub(crate) use contract;
