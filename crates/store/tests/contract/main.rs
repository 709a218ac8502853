//! The contract of the store, written once and run against each database.
//!
//! A contract takes the URL of an empty database and is named in the list below; the list makes one test of it for SQLite
//! and one for Postgres.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod accounts;
mod administration;
mod audit_log;
mod backup;
mod bit_flips;
mod changes;
mod concurrency;
mod console;
mod data_path;
mod data_plane;
mod database;
mod evidence;
mod failure;
mod history;
mod identities;
mod installation;
mod key_store;
mod keys;
mod knowledge;
mod model;
mod moves;
mod releases;
mod sessions;
mod support;
mod webhooks;

macro_rules! contracts {
    ($($module:ident: $($contract:ident)*;)*) => {
        mod on_sqlite {
            $(mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $contract() {
                    crate::database::on_sqlite(crate::$module::$contract).await;
                }
            )*})*
        }
        mod on_postgres {
            $(mod $module {$(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $contract() {
                    crate::database::on_postgres(crate::$module::$contract).await;
                }
            )*})*
        }
    };
}

contracts! {
    installation:
        migrating_again_changes_nothing
        what_was_installed_is_read_back
        the_demo_has_every_situation
        a_demo_is_installed_once
        accounts_and_their_organisations_are_found;
    administration:
        a_new_account_can_sign_in_where_it_belongs
        what_makes_no_sense_is_not_written
        a_reset_changes_one_password_and_ends_its_sessions
        nobody_real_is_added_to_a_demo;
    changes:
        a_change_is_written_with_its_history
        what_is_not_decided_leaves_nothing
        a_removed_setting_remembers_when
        the_history_is_paged_by_version
        another_organisation_has_no_part_in_it
        a_stale_page_changes_nothing_that_moved;
    concurrency:
        writers_at_once_lose_nothing
        a_snapshot_is_of_one_moment;
    failure:
        a_change_that_fails_anywhere_leaves_nothing
        a_change_that_cannot_be_written_leaves_nothing
        a_decision_that_panics_leaves_nothing
        an_abandoned_change_is_whole_or_absent;
    knowledge:
        terms_are_kept_with_their_history
        a_refused_term_leaves_nothing
        people_are_replaced_as_a_whole
        people_are_listed_page_by_page
        knowledge_stays_in_its_organisation
        writers_at_once_lose_no_term
        a_change_of_knowledge_that_fails_anywhere_leaves_nothing;
    keys:
        a_key_is_found_by_its_hash_alone
        a_key_is_revoked_once_and_by_its_own_organisation
        a_key_and_its_entry_are_one
        a_request_is_known_for_as_long_as_it_is_kept
        of_many_attempts_one_is_new;
    webhooks:
        a_secret_is_kept_encrypted_for_its_own_row
        a_webhook_is_revoked_once_and_by_its_own_organisation
        a_webhook_and_its_entry_are_one
        only_what_was_signed_opens_anything
        api_import_and_webhook_store_the_same
        what_jira_says_is_done_once
        what_is_old_may_remove_and_adds_nothing
        what_comes_late_brings_nothing_back
        comments_stay_where_nothing_is_said_of_them
        making_one_takes_a_name_and_a_proof;
    audit_log:
        every_change_has_its_entry
        writers_at_once_make_one_chain
        an_entry_can_neither_be_changed_nor_deleted
        tampering_past_the_guards_is_found
        a_search_finds_what_a_walk_finds
        a_search_for_actors_leaves_nobody_out
        denied_attempts_fill_no_log
        what_stands_once_is_not_written_again
        time_never_goes_back_in_a_log
        a_refused_change_is_written_as_failed;
    support:
        support_looks_for_a_while_and_is_ended
        an_organisation_can_be_asked_first
        of_many_looks_at_once_one_is_begun
        leaving_ends_everything_that_is_open
        having_to_ask_ends_what_is_running
        no_page_is_shown_after_the_end
        what_is_open_comes_first
        a_look_is_as_long_as_the_catalogue_says;
    evidence:
        the_state_on_a_date_is_what_it_was
        a_pack_is_whole_or_refused;
    sessions:
        a_session_is_kept_until_it_is_deleted
        a_session_ends_on_time
        a_taken_id_is_not_given_twice
        an_ended_session_stays_ended
        the_id_itself_is_not_kept;
    accounts:
        two_admins_never_remove_each_other
        an_invitation_is_accepted_once
        of_many_invitations_at_once_one_is_made
        whoever_has_a_role_keeps_it
        what_an_admin_made_ends_with_the_role
        sessions_are_ended_by_their_digits
        what_cannot_be_logged_is_not_done
        many_snapshots_are_those_of_each
        the_last_sign_in_is_that_of_the_log;
    data_path:
        what_is_kept_is_what_the_preview_shows
        a_batch_is_done_once
        what_changes_takes_the_place_of_what_was
        turning_off_takes_back_what_left
        when_nothing_is_to_stay_the_key_goes_too
        an_excluded_space_goes_and_the_others_stay
        a_new_key_seals_everything_anew
        contributed_data_is_read_for_a_purpose;
    data_plane:
        a_batch_is_stored_once
        writes_are_done_in_their_order
        random_writes_end_as_in_a_map
        a_large_batch_is_stored_as_it_is
        a_batch_that_fails_anywhere_leaves_nothing
        records_are_listed_newest_first
        a_withdrawal_takes_its_groups_and_no_more
        what_is_withdrawn_is_in_no_log
        a_withdrawal_can_be_of_everything_or_of_what_is_old
        a_removal_is_counted_or_not_done
        records_are_sealed_again_only_as_they_were_read
        nothing_is_withdrawn_that_was_not_seen
        a_new_epoch_has_everything_decided_again
        a_batch_without_a_key_is_not_remembered
        what_is_told_late_is_not_stored
        what_is_forgotten_is_gone
        a_job_has_one_worker_at_a_time
        workers_at_once_get_different_jobs
        writers_at_once_lose_nothing
        an_abandoned_transaction_swallows_nothing
        a_region_comes_back_by_itself;
    key_store:
        keys_are_made_retired_and_destroyed
        the_next_key_is_made_once
        a_destroyed_key_is_nowhere;
    moves:
        a_move_takes_everything_along
        an_organisation_moves_away_and_back
        a_region_that_is_not_empty_is_moved_into_by_nobody
        a_move_that_is_killed_anywhere_goes_on
        a_target_that_is_down_is_waited_for
        what_is_taken_back_early_in_a_move_is_gone
        what_is_taken_back_late_in_a_move_is_gone
        when_everything_is_taken_back_in_a_move_no_key_is_left
        batches_and_a_move_at_once_lose_nothing
        what_expires_during_a_move_does_not_stop_it
        no_receipt_is_kept_without_its_line
        copies_stand_between_two_records;
    identities:
        an_identity_is_linked_once_and_unlinked_with_its_sessions
        an_identity_and_its_entry_are_one;
    releases:
        the_demo_shows_what_many_share
        what_was_taken_back_is_not_in_the_next_release
        a_region_that_is_down_is_waited_for
        a_run_that_is_cut_off_publishes_once
        a_period_that_is_over_leaves_no_key
        a_clock_that_is_ahead_ends_no_period
        whoever_took_everything_back_is_left_out
        what_no_key_opens_any_more_is_left_out
        what_is_deleted_while_a_release_is_made_does_not_stop_it
        a_receipt_names_every_release_that_it_is_about
        no_receipt_is_signed_while_a_release_is_published
        noise_is_spent_from_the_years_budget;
    model:
        random_wishes_end_where_the_history_says;
}
