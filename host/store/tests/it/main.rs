//! What every store owes its callers, and what each engine owes besides.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test says what is wrong by failing")]

mod commits;
mod crowds;
mod dead;
mod feeds;
mod held;
mod kept;
mod keys;
mod lanes;
mod nodes;
mod on_inline;
mod on_postgres;
mod on_sealed_postgres;
mod on_sealed_sqlite;
mod on_sqlite;
mod postgres_clock;
mod postgres_cluster;
mod postgres_nodes;
mod postgres_plans;
mod postgres_restarts;
mod postgres_tls;
mod postgres_trips;
mod premises;
mod retention;
mod rooms;
mod roots;
mod schema_1;
mod schema_2;
mod sealing;
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
            lanes::a_lost_attempt_settles_nothing,
            rooms::each_target_has_its_own_places,
            rooms::a_target_that_is_full_is_left_alone,
            rooms::no_target_starves,
            rooms::of_a_shut_target_only_what_is_stale_is_claimed,
            rooms::a_shut_target_is_waited_for_until_something_gets_stale,
            rooms::what_is_stale_is_told_before_it_is_tried_again,
            rooms::a_lane_is_as_old_as_its_head,
            rooms::a_lane_leads_where_its_session_says,
            rooms::a_start_goes_elsewhere_ahead_of_what_waits_behind_it,
            rooms::what_is_held_is_never_stale,
            nodes::a_node_that_falls_silent_loses_what_it_has_in_hand,
            nodes::a_node_that_lives_keeps_what_it_has_in_hand,
            nodes::what_nobody_works_on_is_given_back,
            nodes::a_node_that_was_silent_settles_nothing_that_it_lost,
            nodes::what_a_node_gives_back_another_carries,
            nodes::what_is_given_back_is_due_again_and_marked,
            nodes::one_node_at_a_time_does_a_job,
            nodes::whoever_leaves_leaves_its_jobs,
            nodes::what_one_node_commits_all_are_told_of,
            nodes::one_of_two_nodes_takes_in_a_name,
            feeds::a_feed_is_leased_for_open_sessions_of_its_connector_only,
            feeds::a_feed_is_leased_anew_before_its_lease_ends,
            feeds::no_more_feeds_are_leased_than_there_is_room_for,
            feeds::a_feed_is_one_nodes_until_that_dies_or_leaves,
            feeds::of_many_names_the_new_ones_are_told,
            feeds::names_without_effect_may_come_again_and_known_ones_stay_known,
            feeds::what_a_feed_brings_is_committed_whole_or_not_at_all,
            held::what_is_held_is_taken_and_never_claimed,
            held::what_is_taken_has_arrived,
            held::what_waits_behind_it_goes_on,
            held::what_was_held_goes_out_once_there_is_a_way,
            held::what_is_held_stays_so_until_it_is_released,
            keys::a_session_is_found_by_its_keys,
            keys::keys_of_different_connectors_never_meet,
            keys::a_key_that_is_used_again_names_the_newer_session,
            keys::further_keys_do_not_take_others_back,
            keys::a_key_that_is_replaced_is_found,
            keys::a_conversation_names_its_open_session_else_its_latest,
            keys::conversations_of_different_tenants_and_channels_never_meet,
            keys::a_key_of_another_open_session_is_refused,
            keys::whether_a_connector_has_a_start_under_way_is_known,
            timers::a_timer_is_listed_until_it_is_set_anew,
            timers::more_than_fit_one_answer_are_not_forgotten,
            timers::what_is_next_is_the_earliest_of_all,
            dead::dead_letters_are_listed_by_their_place,
            dead::a_dead_letter_tells_whose_it_is_and_why,
            dead::a_dead_letter_takes_its_old_place,
            dead::a_lane_that_is_in_hand_comes_to_it_next,
            dead::a_lane_that_is_lost_from_hand_loses_what_was_in_it,
            dead::an_empty_lane_opens_for_it,
            dead::a_session_that_takes_it_back_is_written_with_it,
            dead::what_may_not_go_stays_dead,
            dead::what_is_not_dead_is_unknown,
            dead::what_is_discarded_is_gone,
            kept::callbacks_come_back_as_they_were_kept_and_in_order,
            kept::callbacks_are_listed_page_by_page,
            kept::a_version_is_not_given_what_it_has_tried,
            kept::what_was_read_is_not_kept_any_longer,
            roots::what_is_or_was_carried_is_found_at_its_place,
            roots::every_node_has_the_same_root_and_keeps_it,
            retention::a_session_goes_with_all_that_was_said,
            retention::an_open_session_is_never_too_old,
            retention::a_session_that_ends_anew_is_kept_from_then,
            retention::a_name_is_kept_for_its_time,
            retention::a_callback_that_nobody_can_read_goes,
            retention::no_more_goes_at_once_than_is_asked_for,
            retention::the_sessions_of_a_customer_are_found,
            retention::what_is_to_be_forgotten_does_not_outlive_its_end,
            retention::what_is_still_on_its_way_is_carried_before_it_is_forgotten,
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
